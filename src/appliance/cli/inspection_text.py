"""What an inspection found, for people: a heading for each section, a line for each thing."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from appliance.cli.printable import printable
from appliance.inspection.content_facts import CertificateFacts, ChangedFile, FileFacts, PortFacts
from appliance.inspection.facts import Inspection
from appliance.inspection.machine_facts import FilesystemFacts, StartFacts
from appliance.inspection.sections.sizes import SizeNode, by_directory, by_package
from appliance.units import show

FEW = 20  # lines of what there may be very many of; JSON has all
MISSING = "missing"
Row = Sequence[str]


def lines(found: Inspection) -> Iterator[str]:
    """Everything that was found, printable: names in an image may be anything."""
    told = [(heading, said) for heading, tell in SECTIONS if (said := list(tell(found)))]
    told += [("Notes", list(found.notes))] if found.notes else []
    for number, (heading, said) in enumerate(told):
        yield from ("", heading) if number else (heading,)
        yield from (f"  {printable(line)}".rstrip() for line in said)


def _product(found: Inspection) -> Iterator[str]:
    said = found.product
    if said is None:
        return
    release = f"-{said.release}" if said.release else ""
    yield from _table([
        ("what", f"{found.name} ({found.given})"),
        ("name", said.name),
        ("version", f"{said.version}{release}"),
        ("vendor", said.vendor),
        ("page", said.url),
        ("for", said.description),
        ("made", _day(said.made)),
    ])  # fmt: skip


def _system(found: Inspection) -> Iterator[str]:
    said = found.system
    if said is None:
        return
    image = f"{said.image_id} {said.image_version}".strip()
    rows = [
        ("name", said.name),
        ("variant", said.variant),
        ("image", image),
        ("architecture", said.architecture),
        ("host name", said.hostname),
    ]
    rows += [("kernel", f"{each.version} {_of(each.package)}") for each in said.kernels]
    yield from _table(rows)


def _start(found: Inspection) -> Iterator[str]:
    said = found.start
    if said is None:
        return
    yield from _table([
        ("firmware", f"{', '.join(said.firmware) or 'nothing starts it'}{_signed(said)}"),
        *(("boot loader", each) for each in said.loaders),
        *(("menu", f"{each.title}: {each.kernel} {each.arguments}") for each in said.entries),
        ("target", said.target),
    ])  # fmt: skip


def _signed(said: StartFacts) -> str:
    return "; what UEFI starts is signed" if said.secure_boot else ""


def _disks(found: Inspection) -> Iterator[str]:
    for disk in found.disks or ():
        packed = f"{disk.file}, {show(disk.file_size)}, {disk.format}".rstrip(", ")
        yield f"{disk.name}: {show(disk.size)}, {disk.table or 'no partition table'} ({packed})"
    yield from _table([_filesystem(each) for each in found.filesystems or ()])


def _filesystem(said: FilesystemFacts) -> Row:
    room = f"{show(said.free)} free of {show(said.size)}" if said.free >= 0 else show(said.size)
    return (
        f"{said.disk} {said.place}",
        said.kind or "-",
        said.mount_point or "-",
        room,
        said.label,
        said.problem,
    )


def _packages(found: Inspection) -> Iterator[str]:
    if found.packages is None:
        return
    yield f"{len(found.packages)} packages, {show(sum(each.size for each in found.packages))}"
    yield from _table([
        (each.name, each.version, each.architecture, show(each.size), each.reason, each.licence)
        for each in found.packages
    ])  # fmt: skip


def _sizes(found: Inspection) -> Iterator[str]:
    if found.sizes is None:
        return
    directories, packages = by_directory(found.sizes), by_package(found.sizes)
    yield f"{show(directories.size)} in {_files(directories.files)}"
    yield "by package:"
    yield from _indented(_parts(packages.parts))
    yield "by directory:"
    two = [part for top in directories.parts for part in _deeper(top)]
    yield from _indented(_parts(sorted(two, key=lambda each: (-each.size, each.name))))


def _deeper(top: SizeNode) -> Iterator[SizeNode]:
    """Directories of two levels, with what is in the first alone."""
    below = sum(part.size for part in top.parts)
    for part in top.parts:
        yield SizeNode(f"/{top.name}/{part.name}", part.size, part.files)
    if top.size > below:
        yield SizeNode(f"/{top.name}", top.size - below, top.files)


def _parts(parts: Iterable[SizeNode]) -> list[str]:
    found = list(parts)
    rows = [(show(part.size), _files(part.files), part.name) for part in found[:FEW]]
    return [*_table(rows), *_more(found)]


def _users(found: Inspection) -> Iterator[str]:
    for user in found.users or ():
        kept = f" ({user.hash})" if user.hash else ""
        login = "can log in" if user.logs_in else "cannot log in"
        root = f"; {user.administers}" if user.administers else ""
        yield f"{user.name} ({user.uid}): {login}, password {user.password}{kept}{root}"
        yield from (f"    key {key}" for key in user.keys)


def _units(found: Inspection) -> Iterator[str]:
    yield from _table([
        (each.name, each.description, _of(each.package)) for each in found.units or ()
    ])  # fmt: skip


def _ports(found: Inspection) -> Iterator[str]:
    network = [each for each in found.ports or () if each.protocol in ("tcp", "udp", "vsock")]
    yield from _table([_port(each) for each in network])
    others = len(found.ports or ()) - len(network)
    if others:
        yield f"and {others} sockets that only this machine reaches"


def _port(port: PortFacts) -> Row:
    address = port.address or "all addresses"
    return (
        f"{port.protocol} {port.port}",
        address,
        port.by,
        "" if port.certain else "as it usually does",
    )


def _unowned(found: Inspection) -> Iterator[str]:
    rows = sorted(found.unowned or (), key=lambda each: (-each.size, each.path))
    yield from _table([(show(each.size), _counted(each), each.path) for each in rows[:FEW]])
    yield from _more(rows)


def _counted(said: FileFacts) -> str:
    return _files(said.files) if said.kind == "directory" else said.kind


def _changed(found: Inspection) -> Iterator[str]:
    rows = [each for each in found.changed or () if each.marks != MISSING]
    yield from _table([_change(each) for each in rows[:FEW]])
    yield from _more(rows)
    gone = [each for each in found.changed or () if each.marks == MISSING]
    if len(gone) <= FEW:
        yield from _table([_change(each) for each in gone])
        return
    places = Counter("/".join(each.path.split("/")[:4]) for each in gone)
    yield f"{len(gone)} files and directories of packages are not there, most of them in:"
    yield from (f"  {count:6} {place}" for place, count in places.most_common(5))


def _change(said: ChangedFile) -> Row:
    return said.marks, said.kind or " ", said.path, _of(said.package)


def _privileged(found: Inspection) -> Iterator[str]:
    yield from _table([
        (each.mode, f"{each.owner}:{each.group}", each.path, each.capabilities, _of(each.package))
        for each in found.privileged or ()
    ])  # fmt: skip


def _certificates(found: Inspection) -> Iterator[str]:
    own = [each for each in found.certificates or () if not each.package or "private" in each.kind]
    yield from _table([_certificate(each) for each in own[:FEW]])
    yield from _more(own)
    packages = Counter(each.package for each in found.certificates or () if each not in own)
    yield from (f"{count} of the package {name}" for name, count in packages.most_common(FEW))


def _certificate(said: CertificateFacts) -> Row:
    count = f" ({said.count})" if said.count > 1 else ""
    locked = ", with a passphrase" if said.encrypted else ""
    until = f"until {_day(said.until)}" if said.until else ""
    return f"{said.kind}{count}{locked}", said.path, said.algorithm, said.subject, until


def _indented(rows: Iterable[str]) -> Iterator[str]:
    return (f"  {row}" for row in rows)


def _more(rows: Sequence[object]) -> list[str]:
    return [f"and {len(rows) - FEW} more (--json tells all)"] if len(rows) > FEW else []


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"


def _of(package: str) -> str:
    return f"[{package}]" if package else ""


def _day(seconds: int) -> str:
    """A day, in UTC; empty for none."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d") if seconds else ""
    except (ValueError, OverflowError, OSError):
        return ""


def _table(rows: Sequence[Row]) -> list[str]:
    """Rows in columns, each as wide as its widest cell but the last; a row of two cells whose
    second is empty says nothing, and is left out."""
    kept = [[printable(cell) for cell in row] for row in rows if len(row) > 2 or row[1]]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in kept
    ]


Tell = Callable[[Inspection], Iterator[str]]
SECTIONS: tuple[tuple[str, Tell], ...] = (
    ("Product", _product),
    ("System", _system),
    ("Start", _start),
    ("Disks", _disks),
    ("Packages", _packages),
    ("Sizes", _sizes),
    ("Users", _users),
    ("Units that start", _units),
    ("Ports that would listen", _ports),
    ("Files of no package", _unowned),
    ("Files with more rights", _privileged),
    ("Changed files of packages", _changed),
    ("Certificates and keys", _certificates),
)
