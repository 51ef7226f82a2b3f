"""What shall be started: one disk image, or a bundle whose XML describes machine and disks."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.boot import virt_image
from appliance.boot.virt_image import FORMATS, Description, StoredDisk
from appliance.bundle.model import Machine
from appliance.errors import CommandError, RequestError, Where
from appliance.host import command, packed

PACKED = {".gz": "gunzip", ".zst": "unzstd", ".bz2": "bunzip2", ".ova": "tar -xf"}
QEMU_FORMATS = {"iso": "raw", "vhd": "vpc"}  # where QEMU says it differently
CHAINED = ("qcow", "qcow2", "vmdk")  # formats whose images may name other files
ARCHITECTURES = ("x86_64", "i686")


@dataclass(frozen=True)
class Disk:
    """One disk of a machine, as QEMU takes it. *sha256* and *sha1* are what the bundle
    states, or empty.

    *scratch* is not zero for a disk that is not shipped: made empty at launch, so many bytes.
    A *packed* one is unpacked at launch; *disk_format* is that of what is in it.
    """

    path: Path
    disk_format: str
    sha256: str = ""
    scratch: int = 0
    packed: bool = False
    sha1: str = ""


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
        compare(disk.path, image.path, sha256_=disk.sha256, sha1=disk.sha1)
    return sha256(image.path)


def compare(file: Path, path: Path, *, sha256_: str, sha1: str) -> None:
    """Raise RequestError if *file* has another digest than what *path* states of it.

    The SHA-1 counts only where no SHA-256 is stated.
    """
    kind, stated = ("sha256", sha256_) if sha256_ else ("sha1", sha1)
    if stated and digest(file, kind) != stated:
        raise RequestError(
            f"{file} is not the disk that {path.name} describes: {kind} differs",
            hint="build or download the bundle again",
        )


def sha256(path: Path) -> str:
    """Digest of a file's bytes, in hexadecimal."""
    return digest(path, "sha256")


def digest(path: Path, kind: str) -> str:
    """Digest of a file's bytes, in hexadecimal; *kind* is sha256 or sha1."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


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
    found = [
        file for file in sorted(directory.glob("*.xml")) if virt_image.parse(file).tag == "image"
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(file.name for file in found)
    raise RequestError(
        f"{directory} holds several appliances: {names}"
        if found
        else f"{directory} is not a bundle: no NAME.xml in it describes an appliance",
        hint="name the XML file or the disk image",
    )


def _bundle(path: Path) -> Image:
    return on_qemu(virt_image.read(path))


def on_qemu(description: Description, *, boot: int | None = None) -> Image:
    """What QEMU alone makes of *description*: its first hvm <boot>, or that of the index *boot*.

    Raises RequestError if that is not for QEMU or this processor, or if a disk is not there.
    """
    if boot is not None:
        chosen = description.boots[boot]
    else:
        whole = [each for each in description.boots if each.kind == "hvm"]
        chosen = (whole or description.boots)[0]
    if chosen.kind != "hvm":
        raise RequestError(
            "nothing in it starts on a full virtual machine"
            if boot is None
            else f"<boot> {boot} is for Xen: QEMU alone does not start it",
            where=chosen.where,
        )
    if chosen.architecture not in ARCHITECTURES:
        raise RequestError(
            f"an appliance for {chosen.architecture} cannot be started here", where=chosen.where
        )
    if not chosen.drives:
        raise RequestError("it has no <drive>", where=chosen.where)
    disks = tuple(_disk(drive.disk, description) for drive in chosen.drives)
    plain = Machine()
    machine = Machine(
        memory=description.memory or plain.memory,
        cpus=description.cpus or plain.cpus,
        interfaces=description.interfaces,
    )
    return Image(description.name, description.path, disks, machine)


def _disk(stored: StoredDisk, description: Description) -> Disk:
    file = description.place(stored.file)
    disk = Disk(file, _format(stored.disk_format), stored.sha256, sha1=stored.sha1)
    if not file.is_file():
        if stored.use == "system" or not stored.size:
            raise RequestError(f"the disk {stored.file} is not there", where=stored.where)
        return replace(disk, scratch=stored.size)
    if packed.is_packed(file):
        return replace(disk, packed=True)
    if file.suffix in PACKED:
        raise RequestError(
            f"{stored.file} is packed", hint=f"{PACKED[file.suffix]} {file}", where=stored.where
        )
    stands_alone(disk, stored.where)
    return disk


def stands_alone(disk: Disk, where: Where) -> None:
    """Raise RequestError if the image is only a part, and the rest of it any file of this host's.

    A qcow2 may have a backing file and a file of its data, a VMDK extents: whoever starts such an
    image shows the guest what its maker named.
    """
    if disk.disk_format not in CHAINED:
        return
    try:
        said = command.run(["qemu-img", "info", "--output=json", "-f", disk.disk_format, disk.path])
    except CommandError as error:
        raise RequestError(
            f"{disk.path.name} is no {disk.disk_format} image", tail=error.tail[-1:], where=where
        ) from None
    facts = json.loads(said)
    own = facts.get("format-specific", {}).get("data", {})
    named = [facts.get("backing-filename", ""), own.get("data-file", "")]
    named += [extent.get("filename", "") for extent in own.get("extents", ())]
    base = disk.path.resolve().parent
    for name in filter(None, named):
        if not (base / name).resolve().is_relative_to(base):
            raise RequestError(
                f"{disk.path.name} shows the guest another file of this machine: {name}",
                where=where,
            )
