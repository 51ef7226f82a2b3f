"""What shall be started: one disk image, or a bundle whose XML describes machine and disks."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from appliance.bundle.model import Machine
from appliance.errors import RequestError, Where
from appliance.host import command, packed
from appliance.units import KIB, MIB

PACKED = {".gz": "gunzip", ".zst": "unzstd", ".bz2": "bunzip2", ".ova": "tar -xf"}
QEMU_FORMATS = {"iso": "raw", "vhd": "vpc"}  # where QEMU says it differently
FORMATS = ("raw", "qcow", "qcow2", "vmdk", "vdi", "vpc", "vhdx", "iso", "vhd")
ARCHITECTURES = ("x86_64", "amd64", "i386", "i486", "i586", "i686")


@dataclass(frozen=True)
class Disk:
    """One disk of a machine, as QEMU takes it. *sha256* is what the bundle states, or empty.

    *scratch* is not zero for a disk that is not shipped: made empty at launch, so many bytes.
    A *packed* one is unpacked at launch; *disk_format* is that of what is in it.
    """

    path: Path
    disk_format: str
    sha256: str = ""
    scratch: int = 0
    packed: bool = False


@dataclass(frozen=True)
class Image:
    """An appliance on this machine's disk: *path* is the file that names it."""

    name: str
    path: Path
    disks: tuple[Disk, ...]
    machine: Machine = field(default_factory=Machine)

    def sized(self, *, memory: int, cpus: int) -> "Image":
        """The same on a machine of another size: bytes, processors; 0 leaves it as it is."""
        if memory < 0 or cpus < 0:
            raise RequestError("a machine needs memory and a processor")
        was = self.machine
        machine = replace(was, memory=memory or was.memory, cpus=cpus or was.cpus)
        return replace(self, machine=machine)


def resolve(path: Path) -> Image:
    """Find out what *path* is: a disk image, a bundle's XML, or the directory of a bundle.

    Raises RequestError, with the line where it is in the XML, if it cannot be started.
    """
    if not path.exists():
        raise RequestError(f"there is no {path}")
    if path.is_dir():
        plain = _without_description(path)
        return plain or _bundle(_description(path))
    if path.suffix == ".xml":
        return _bundle(path)
    if path.suffix in PACKED:
        raise RequestError(f"{path} is packed", hint=f"{PACKED[path.suffix]} {path}")
    if packed.is_packed(path):
        inner = Path(path.stem)
        disk = Disk(path.resolve(), _format(inner.suffix.removeprefix(".")), packed=True)
        return Image(inner.stem, path.resolve(), (disk,))
    return Image(path.stem, path.resolve(), (Disk(path.resolve(), _probe(path)),))


def verify(image: Image) -> str:
    """The sha256 of the file that names *image*, after its disks were compared with theirs.

    Raises RequestError if a disk is not the one that the bundle describes.
    """
    for disk in image.disks:
        if disk.sha256 and sha256(disk.path) != disk.sha256:
            raise RequestError(
                f"{disk.path} is not the disk that {image.path.name} describes: sha256 differs",
                hint="build or download the bundle again",
            )
    return sha256(image.path)


def sha256(path: Path) -> str:
    """Digest of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _format(name: str) -> str:
    """QEMU's word for a format by *name*; raw if there is none of that name."""
    return QEMU_FORMATS.get(name, name) if name in FORMATS else "raw"


def _probe(path: Path) -> str:
    facts = json.loads(command.run(["qemu-img", "info", "--output=json", path]))
    return str(facts["format"])


def _without_description(directory: Path) -> Image | None:
    """The disks of an appliance that no virt-image file describes, since only UEFI starts it;
    None where there is such a file, or no appliance."""
    name = directory.resolve().name
    if not (directory / f"{name}.packages.json").exists() or (directory / f"{name}.xml").exists():
        return None
    files = sorted(file.resolve() for file in directory.glob(f"{name}-*.*"))
    disks = tuple(
        Disk(file, _format(file.suffix.removeprefix(".")))
        for file in files
        if file.suffix.removeprefix(".") in FORMATS
    )
    return Image(name, disks[0].path, disks) if disks else None


def _description(directory: Path) -> Path:
    """The one XML file in *directory* that is a virt-image description."""
    found = [file for file in sorted(directory.glob("*.xml")) if _read(file).tag == "image"]
    if len(found) == 1:
        return found[0]
    names = ", ".join(file.name for file in found)
    raise RequestError(
        f"{directory} holds several appliances: {names}"
        if found
        else f"{directory} is not a bundle: no NAME.xml in it describes an appliance",
        hint="name the XML file or the disk image",
    )


def _read(path: Path) -> etree._Element:
    """Parse XML that may come from anywhere: no entities, no network, no DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.parse(str(path), parser).getroot()
    except etree.XMLSyntaxError as error:
        raise RequestError(
            f"not well-formed XML: {error.msg}", where=Where(path, error.lineno or 1)
        ) from None
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error}") from None


def _bundle(path: Path) -> Image:
    """Read a virt-image description (virt-image(5)); paths in it are relative to its place."""
    root = _read(path)
    if root.tag != "image":
        raise RequestError(f"its root is <{root.tag}>, not <image>", where=Where(path, 1))
    boots = [boot for boot in root.iterfind("domain/boot") if boot.get("type", "hvm") == "hvm"]
    if not boots:
        raise RequestError("nothing in it starts on a full virtual machine", where=Where(path, 1))
    shipped = [_disk(element, path) for element in root.iterfind("storage/disk")]
    names = [element.get("id") or element.get("file") for element in root.iterfind("storage/disk")]
    disks = []
    for drive in boots[0].iterfind("drive"):
        if drive.get("disk") not in names:
            raise RequestError(
                f"no <disk> is called '{drive.get('disk')}'", where=_where(path, drive)
            )
        disks.append(shipped[names.index(drive.get("disk"))])
    if not disks:
        raise RequestError("it has no <drive>", where=_where(path, boots[0]))
    name = root.findtext("name", "").strip() or path.stem
    return Image(name, path.resolve(), tuple(disks), _machine(root, boots[0], path))


def _disk(element: etree._Element, path: Path) -> Disk:
    name, disk_format = element.get("file", ""), element.get("format", "raw")
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise RequestError(f"'{name}' is not a file of this bundle", where=_where(path, element))
    if disk_format not in FORMATS:
        raise RequestError(
            f"unknown disk format '{disk_format}'",
            hint=", ".join(FORMATS),
            where=_where(path, element),
        )
    file = path.resolve().parent / name
    digests = [
        sum_.text or "" for sum_ in element.iterfind("checksum") if sum_.get("type") == "sha256"
    ]
    scratch = 0
    if not file.is_file():
        if element.get("use", "system") == "system" or not element.get("size"):
            raise RequestError(f"the disk {name} is not there", where=_where(path, element))
        scratch = _number(element.get("size"), path, element) * MIB
    return Disk(
        file,
        _format(disk_format),
        "".join(digests[:1]).strip().lower(),
        scratch,
        packed.is_packed(file) and not scratch,
    )


def _machine(root: etree._Element, boot: etree._Element, path: Path) -> Machine:
    architecture = (boot.findtext("guest/arch") or "x86_64").strip()
    if architecture not in ARCHITECTURES:
        raise RequestError(
            f"an appliance for {architecture} cannot be started here", where=_where(path, boot)
        )
    devices = root.find("domain/devices")
    if devices is None:
        return Machine()
    memory, cpus = devices.find("memory"), devices.find("vcpu")
    plain = Machine()
    return Machine(
        memory=plain.memory if memory is None else _number(memory.text, path, memory) * KIB,
        cpus=plain.cpus if cpus is None else _number(cpus.text, path, cpus),
        interfaces=len(devices.findall("interface")),
    )


def _number(text: str | None, path: Path, element: etree._Element) -> int:
    if not (text or "").strip().isdigit() or int(text or "") == 0:
        raise RequestError(f"'{text}' is not a number above 0", where=_where(path, element))
    return int(text or "")


def _where(path: Path, element: etree._Element) -> Where:
    return Where(path, element.sourceline or 1)
