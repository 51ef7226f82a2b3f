"""What `appliance inspect` found, as a report: what matters first, then where the bytes are, then a
table for each section."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from appliance.inspection.facts import Inspection
from appliance.inspection.pages.model import Block, Bytes, Cell, Map, Report, Table
from appliance.inspection.sections.sizes import SizeNode, by_directory, by_package
from appliance.units import show

Row = tuple[Cell, ...]
UNKNOWN = -1  # bytes of a filesystem that nobody could count


def report(found: Inspection) -> Report:
    """The page of an inspection; sections that were not asked for are left out."""
    return Report(
        title=found.name,
        summary=tuple((name, value) for name, value in _summary(found) if value),
        maps=_maps(found),
        tables=tuple(_tables(found)),
    )


def _summary(found: Inspection) -> Iterator[tuple[str, str]]:
    if product := found.product:
        yield "Product", " ".join(filter(None, (product.name, product.version, product.release)))
        yield "Vendor", product.vendor
        yield "Made", _day(product.made)
    if system := found.system:
        yield "System", system.name
        yield "Kernel", ", ".join(kernel.version for kernel in system.kernels)
        yield "Architecture", system.architecture
        yield "Host name", system.hostname
    if start := found.start:
        yield "Firmware", ", ".join(start.firmware)
        yield "Boot loader", ", ".join(start.loaders)
        yield "Starts", start.target
    if found.disks is not None:
        yield "Disks", ", ".join(f"{disk.name} {show(disk.size)}" for disk in found.disks)
    if found.packages is not None:
        size = sum(package.size for package in found.packages)
        yield "Packages", f"{len(found.packages)}, {show(size)}"
    if found.users is not None:
        yield "Users who can log in", ", ".join(u.name for u in found.users if u.logs_in) or "none"


def _maps(found: Inspection) -> tuple[Map, ...]:
    if found.sizes is None:
        return ()
    return (
        Map("packages", _block(by_package(found.sizes))),
        Map("directories", _block(by_directory(found.sizes))),
    )


def _block(node: SizeNode) -> Block:
    parts = [_block(part) for part in node.parts]
    files = node.files - sum(part.files for part in node.parts)
    if parts and files:
        size = node.size - sum(part.size for part in node.parts)
        parts.append(Block("(files right here)", size, (), _files(files)))
    return Block(node.name, node.size, tuple(parts), _files(node.files))


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _tables(found: Inspection) -> Iterator[Table]:
    for field, title, columns, row in TABLES:
        values = getattr(found, field)
        if values is not None:
            rows = tuple(row(value) for value in values)
            yield Table(field, title, columns, rows, "" if rows else "None.")
    if found.notes:
        rows = tuple((note,) for note in found.notes)
        yield Table("notes", "Notes", ("What is not known, and why",), rows)


def _size(size: int) -> Cell:
    return "" if size == UNKNOWN else Bytes(size)


def _day(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d") if seconds else ""
    except (OverflowError, OSError, ValueError):  # of an image of a stranger
        return str(seconds)


def _package(p: Any) -> Row:
    source = f"{p.source} {p.source_version}".strip()
    needed = ", ".join(p.needed_by) if p.reason == "needed" else ""
    reason = f"{p.reason} by {needed}" if needed else p.reason
    return p.name, p.version, Bytes(p.size), reason, p.licence, source, p.origin


# field of an Inspection, its title, the columns, and what one of its values says in them
TABLES: tuple[tuple[str, str, tuple[str, ...], Callable[[Any], Row]], ...] = (
    ("packages", "Packages",
     ("Name", "Version", "Size", "Why", "Licence", "Source", "Origin"), _package),
    ("filesystems", "Filesystems",
     ("Place", "Type", "Mounted at", "Size", "Used", "Free", "Problem"),
     lambda f: (f"{f.disk} {f.place}", f.kind, f.mount_point, Bytes(f.size),
                _size(f.used), _size(f.free), f.problem)),
    ("users", "Users",
     ("Name", "Number", "Logs in", "Password", "Keys", "Becomes root by", "Shell"),
     lambda u: (u.name, u.uid, "yes" if u.logs_in else "no", u.password,
                len(u.keys), u.administers, u.shell)),
    ("units", "Units that start", ("Name", "Wanted by", "Package", "What it is"),
     lambda u: (u.name, ", ".join(u.wanted_by), u.package, u.description)),
    ("ports", "Where something listens",
     ("Protocol", "Address", "Port", "Path", "By", "Known from"),
     lambda p: (p.protocol, p.address or "all", p.port or "", p.path, p.by,
                p.source if p.certain else "what this program usually does")),
    ("changed", "Changed files of packages", ("Path", "Package", "Marks", "Kind"),
     lambda c: (c.path, c.package, c.marks, c.kind)),
    ("unowned", "Files of no package", ("Path", "Kind", "Size", "Files"),
     lambda f: (f.path, f.kind, Bytes(f.size), f.files)),
    ("privileged", "Set-id files and capabilities",
     ("Path", "Package", "Mode", "Owner", "Group", "Capabilities"),
     lambda f: (f.path, f.package, f.mode, f.owner, f.group, f.capabilities)),
    ("certificates", "Certificates and keys",
     ("Path", "Kind", "Package", "Subject", "Ends", "Key"),
     lambda c: (c.path, c.kind, c.package, c.subject, _day(c.until), c.algorithm)),
)  # fmt: skip
