"""Read virt-image XML (virt-image(5)): a machine, how it starts, and the files of its disks.

The file may come from anywhere: entities and network are off, sizes and numbers limited, and no
path leads out of the directory that the file is in.
"""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from appliance.errors import RequestError, Where
from appliance.intake.places import inside
from appliance.intake.xml_reading import line_of, parse
from appliance.units import KIB, MIB

FORMATS = ("raw", "qcow", "qcow2", "vmdk", "vdi", "vpc", "vhdx", "iso", "vhd")
USES = ("system", "user", "scratch")
KINDS = ("hvm", "xen")
FEATURES = ("pae", "acpi", "apic")
TARGET = re.compile(r"(hd|sd|vd|xvd)[a-z]{1,2}|fd[ab]")
# image.rng's genericName, but for what a program would take for an option
NAME = re.compile(r"[A-Za-z0-9_.+:/][A-Za-z0-9_.+:/-]{0,199}")
ROOT = "image"  # the element that all is in
DATA = "data"  # what many wrote for user
SAME = {"amd64": "x86_64", "i386": "i686", "i486": "i686", "i586": "i686"}


@dataclass(frozen=True)
class StoredDisk:
    """One <disk> of a virt-image description.

    *name*: the name by which drives know it.
    *file*: its file, relative to the XML's directory.
    *use*: what it is for: system, user or scratch.
    *disk_format*: its format, as the XML names it.
    *size*: its size in bytes; 0 if none is said.
    *sha256*: the SHA-256 that the file shall have, in lower case; empty if none is said.
    *sha1*: the SHA-1 that the file shall have, in lower case; empty if none is said.
    *where*: where the element stands.
    """

    name: str
    file: str
    use: str
    disk_format: str
    size: int
    sha256: str
    sha1: str
    where: Where


@dataclass(frozen=True)
class Drive:
    """A disk as one <boot> shows it to the guest; *target* is hda, xvda …, or empty."""

    disk: StoredDisk
    target: str
    where: Where


@dataclass(frozen=True)
class Boot:
    """One <boot> of a virt-image description: a way to start.

    *kind*: hvm (a whole machine) or xen (a paravirtual one).
    *architecture*: the processor, as the XML names it.
    *features*: those of FEATURES that are named, with True for on.
    *device*: what an hvm starts from: hd or cdrom.
    *pygrub*: True if a boot loader in the image finds the kernel.
    *kernel*: the kernel's file in the image's directory; empty with *pygrub*.
    *initrd*: the initrd's file; empty with *pygrub*.
    *cmdline*: the arguments of the kernel.
    *drives*: the disks that it shows to the guest.
    *where*: where the element stands.
    """

    kind: str
    architecture: str
    features: tuple[tuple[str, bool], ...]
    device: str
    pygrub: bool
    kernel: str
    initrd: str
    cmdline: str
    drives: tuple[Drive, ...]
    where: Where


@dataclass(frozen=True)
class VirtImage:
    """All that the file says. *memory* is bytes; it and *cpus* are 0 where nothing is said."""

    path: Path
    name: str
    version: str
    release: str
    label: str
    description: str
    boots: tuple[Boot, ...]
    cpus: int
    memory: int
    interfaces: int
    graphics: bool

    def place(self, file: str) -> Path:
        """Where a *file* of the image is: beside the description itself, not beside a link to it.
        That is the path of inside()."""
        return self.path.parent / file


def find(path: Path) -> Path:
    """The file that *path* means: NAME.xml may also be in a directory NAME beside."""
    inside = path.parent / path.stem / path.name
    try:
        there = path.exists() or path.suffix != ".xml" or not inside.exists()
    except (OSError, ValueError):  # whoever opens the path says what is wrong with it
        return path
    return path if there else inside


def read(path: Path) -> VirtImage:
    """Read the description in *path*; raises RequestError, with the line, for whatever is wrong.

    Paths are checked here, whether files are there only by who takes them.
    """
    root = parse(path)
    if root.tag != ROOT:
        raise RequestError(f"its root is <{root.tag}>, not <image>", where=line_of(path, root))
    domains = root.findall("domain")
    if len(domains) != 1:
        raise RequestError(
            f"it has {len(domains)} <domain>; exactly one says what to start",
            where=line_of(path, root),
        )
    disks = _disks(root, path)
    named = root.find("name")
    devices = domains[0].find("devices")
    boots = tuple(_boot(boot, disks, path) for boot in domains[0].iterfind("boot"))
    if not boots:
        raise RequestError("it has no <boot>", where=line_of(path, domains[0]))
    return VirtImage(
        path=path.resolve(),
        name=_name(root, path),
        version="" if named is None else named.get("version", ""),
        release="" if named is None else named.get("release", ""),
        label=_text(root, "label"),
        description=_text(root, "description"),
        boots=boots,
        cpus=_number(devices, "vcpu", path),
        memory=_number(devices, "memory", path) * KIB,
        interfaces=0 if devices is None else len(devices.findall("interface")),
        graphics=devices is not None and devices.find("graphics") is not None,
    )


def _name(root: "etree._Element", path: Path) -> str:
    name = _text(root, "name") or path.stem
    if not NAME.fullmatch(name):
        raise RequestError(
            f"'{name}' is no name of a machine",
            hint="letters, digits and _ . + - : /",
            where=line_of(path, root),
        )
    return name


def _disks(root: "etree._Element", path: Path) -> dict[str, StoredDisk]:
    """All <disk>s by the names under which drives know them."""
    disks: dict[str, StoredDisk] = {}
    for element in root.iterfind("storage/disk"):
        disk = _disk(element, path)
        if disk.name in disks:
            raise RequestError(f"two <disk>s are called '{disk.name}'", where=disk.where)
        if disk.name:
            disks[disk.name] = disk
    return disks


def _disk(element: "etree._Element", path: Path) -> StoredDisk:
    where = line_of(path, element)
    file = element.get("file", "")
    sums = {
        sum_.get("type", ""): (sum_.text or "").strip().lower()
        for sum_ in element.iterfind("checksum")
    }
    size = element.get("size", "0")
    if not re.fullmatch(r"[0-9]{1,9}", size):
        raise RequestError(f"the size '{size}' is not a number of MiB", where=where)
    use = element.get("use", "system")
    return StoredDisk(
        name=element.get("id", "") or file,
        file=_own(file, path, where) if file else "",
        use="user" if use == DATA else _one_of(use, USES, what="use of a disk", where=where),
        disk_format=_one_of(element.get("format", "raw"), FORMATS, what="disk format", where=where),
        size=int(size) * MIB,
        sha256=sums.get("sha256", ""),
        sha1=sums.get("sha1", ""),
        where=where,
    )


def _boot(element: "etree._Element", disks: dict[str, StoredDisk], path: Path) -> Boot:
    where = line_of(path, element)
    drives = tuple(_drive(drive, disks, path) for drive in element.iterfind("drive"))
    targets: set[str] = set()
    for drive in drives:
        if drive.target and drive.target in targets:
            raise RequestError(f"two <drive>s are {drive.target}", where=drive.where)
        targets.add(drive.target)
    kind = element.get("type")
    if not kind:
        raise RequestError("a <boot> needs a type", hint="type='hvm'", where=where)
    _one_of(kind, KINDS, what="type of boot", where=where)
    architecture = _text(element, "guest/arch") or "x86_64"
    loader = element.find("os/loader")
    text = (loader.text or "").strip() if loader is not None else ""
    device = loader.get("dev", "") if loader is not None else ""
    if text not in ("", "pygrub"):
        raise RequestError(f"unknown loader '{text}'", hint="pygrub", where=line_of(path, loader))
    if device:
        _one_of(device, ("hd", "cdrom"), what="boot device", where=line_of(path, loader))
    return Boot(
        kind=kind,
        architecture=SAME.get(architecture, architecture),
        features=_features(element, path),
        device=device or "hd",
        pygrub=text == "pygrub",
        kernel=_file(element, "os/kernel", path),
        initrd=_file(element, "os/initrd", path),
        cmdline=_text(element, "os/cmdline"),
        drives=drives,
        where=where,
    )


def _features(boot: "etree._Element", path: Path) -> tuple[tuple[str, bool], ...]:
    """Return the features that a <boot> names; one that is named without a state is on."""
    found = []
    for element in boot.iterfind("guest/features/*"):
        if element.tag in FEATURES:
            state = element.get("state", "on")
            _one_of(state, ("on", "off"), what="state", where=line_of(path, element))
            found.append((str(element.tag), state == "on"))
    return tuple(found)


def _drive(element: "etree._Element", disks: dict[str, StoredDisk], path: Path) -> Drive:
    where = line_of(path, element)
    name, target = element.get("disk", ""), element.get("target", "")
    if name not in disks:
        near = difflib.get_close_matches(name, disks, 1) or list(disks)
        raise RequestError(f"no <disk> is called '{name}'", hint=", ".join(near), where=where)
    if not disks[name].file:
        raise RequestError(f"the disk '{name}' has no file", where=disks[name].where)
    if target and not TARGET.fullmatch(target):
        raise RequestError(f"'{target}' is no drive of a machine", hint="vda, hda", where=where)
    return Drive(disks[name], target, where)


def _file(boot: "etree._Element", tag: str, path: Path) -> str:
    element = boot.find(tag)
    if element is None:
        return ""
    return _own((element.text or "").strip(), path, line_of(path, element))


def _own(file: str, path: Path, where: Where) -> str:
    """Return *file*, which inside() has allowed; VirtImage.place() says where it is."""
    inside(file, path, where)
    return file


def _number(devices: "etree._Element | None", tag: str, path: Path) -> int:
    """What <*tag*> says; 0 if it is not there."""
    element = None if devices is None else devices.find(tag)
    if element is None:
        return 0
    text = (element.text or "").strip()
    if not re.fullmatch(r"[0-9]{1,12}", text) or not int(text):
        raise RequestError(f"'{text}' is not a number above 0", where=line_of(path, element))
    return int(text)


def _one_of(word: str, known: tuple[str, ...], *, what: str, where: Where) -> str:
    """*word*, if it is known; the error names the nearest that is."""
    if word not in known:
        near = difflib.get_close_matches(word.lower(), known, 1)
        hint = near[0] if near else ", ".join(known)
        raise RequestError(f"unknown {what} '{word}'", hint=hint, where=where)
    return word


def _text(element: "etree._Element", tag: str) -> str:
    return str(element.findtext(tag) or "").strip()
