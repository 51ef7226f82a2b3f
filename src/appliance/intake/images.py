"""What shall be started: one disk image, or a bundle whose description names machine and disks."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from appliance.backends import disk_formats
from appliance.bundle import manifest
from appliance.bundle.model import FIRMWARES, Artifact, Bundle, Machine
from appliance.errors import CommandError, RequestError, Where
from appliance.host import command
from appliance.intake import compressed_disks as compressed
from appliance.intake import ovf, virt_image
from appliance.intake.virt_image import FORMATS, StoredDisk, VirtImage

PACKED = {".bz2": "bunzip2", ".ova": "tar -xf", ".gz": "tar -xf", ".zst": "tar -xf"}
BOX = "box.img"  # what a box for libvirt calls its disk
# Which of several formats is started: what needs the least work.
BEST = (
    *("qcow2", "qcow2-zlib", "qcow2-plain", "raw", "vmdk", "vdi", "vhdx", "vhd", "vhd-fixed"),
    *("vmdk-stream", "raw.zst", "raw.gz", "raw.xz"),
)
QEMU_FORMATS = {"iso": "raw", "vhd": "vpc"}  # where QEMU says it differently
CHAINED = ("qcow", "qcow2", "vmdk")  # formats whose images may name other files
LONGEST_CHAIN = 16  # images behind one another
PROTOCOL = re.compile("[^/]*:")  # how QEMU knows that a name is none of a file
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
    """An appliance on this machine's disk: *path* is the file that names it.

    *firmware* lists what it can start with, as far as somebody said.
    """

    name: str
    path: Path
    disks: tuple[Disk, ...]
    machine: Machine = field(default_factory=Machine)
    firmware: tuple[str, ...] = FIRMWARES

    def on(self, *, disk_bus: str = "", network_card: str = "") -> "Image":
        """The same with its disks on another bus, with other cards; empty leaves it as it is."""
        was = self.machine
        machine = replace(
            was,
            disk_bus=disk_bus or was.disk_bus,
            network_card=network_card or was.network_card,
        )
        return replace(self, machine=machine)

    def sized(self, *, memory: int, cpus: int) -> "Image":
        """The same on a machine of another size: bytes, processors; 0 leaves it as it is."""
        if memory < 0 or cpus < 0:
            raise RequestError("a machine needs memory and a processor")
        was = self.machine
        machine = replace(was, memory=memory or was.memory, cpus=cpus or was.cpus)
        return replace(self, machine=machine)


def resolve(path: Path) -> Image:
    """Find out what *path* is: a disk image, a bundle's description, or the directory of a bundle.

    There, NAME.appliance.json says the most; NAME.xml is what others write too. Raises
    RequestError, with the line where it is in the XML, if it cannot be started.
    """
    if not path.exists():
        raise RequestError(f"there is no {path}")
    if path.is_dir():
        says = description(path)
        if says:
            return described(says)
        plain = _without_description(path) or _of_others(path)
        return plain or _bundle(_description(path))
    if not path.is_file() and not path.is_block_device():
        raise RequestError(f"{path} is not a file")
    if path.suffix == ".ovf":
        return _of_ovf(path)
    if path.suffix == ".xml":
        return _bundle(path)
    if path.name.endswith(manifest.DESCRIPTION):
        return described(path)
    if compressed.is_packed(path):
        inner = Path(path.stem)
        disk = Disk(path.resolve(), _format(inner.suffix.removeprefix(".")), packed=True)
        return Image(inner.stem, path.resolve(), (disk,))
    if path.suffix in PACKED:
        raise RequestError(f"{path} is packed", hint=f"{PACKED[path.suffix]} {path}")
    return Image(path.stem, path.resolve(), (Disk(path.resolve(), _probe(path)),))


def description(directory: Path) -> Path | None:
    """The one NAME.appliance.json in *directory*; None if there is none or are several."""
    found = sorted(directory.glob(f"*{manifest.DESCRIPTION}"))
    return found[0] if len(found) == 1 else None


def described(path: Path) -> Image:
    """The machine of NAME.appliance.json, with its disks in the BEST format that is there."""
    bundle = manifest.read(path)
    for name in BEST:
        image = in_format(bundle, path, name)
        if image:
            return image
    files = ", ".join(each.path for each in bundle.artifacts) or "none"
    raise RequestError(
        f"{path}: no disk that a machine here could take is beside it", hint=f"it names: {files}"
    )


def in_format(bundle: Bundle, path: Path, name: str) -> Image | None:
    """The machine with its disks in the format *name*; None unless they are all beside *path*.

    Raises RequestError if they are no files of their own, or the machine is none for this
    processor.
    """
    where = Where(path, 1)
    found = bundle.images((name,)) if name in BEST else ()
    if not found or not all((path.parent / each.path).exists() for each in found):
        return None
    if bundle.machine.architecture not in ARCHITECTURES:
        raise RequestError(
            f"an appliance for {bundle.machine.architecture} cannot be started here", where=where
        )
    machine = replace(bundle.machine, firmware=bundle.boots_with)
    disks = tuple(_of_artifact(each, path, where) for each in found)
    return Image(bundle.name, path.resolve(), disks, machine, bundle.firmware or FIRMWARES)


def _of_artifact(artifact: Artifact, path: Path, where: Where) -> Disk:
    kind = disk_formats.find(artifact.disk_format)
    virt_image.inside(artifact.path, path, where)
    file = (path.parent / artifact.path).resolve()
    disk = Disk(file, kind.driver or "raw", artifact.sha256, packed=compressed.is_packed(file))
    stands_alone(disk, where)
    return disk


def discs(paths: Sequence[Path]) -> tuple[Path, ...]:
    """*paths* for CD drives; raises RequestError if one is no file."""
    for path in paths:
        if not path.is_file():
            raise RequestError(f"there is no disc {path}")
    return tuple(path.resolve() for path in paths)


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
    if path.suffix == ".vhd":  # one of fixed size says what it is at its end, where nobody looks
        return QEMU_FORMATS["vhd"]
    return str(_facts(path)["format"])


def _of_others(directory: Path) -> Image | None:
    """What an OVA or a box holds: an OVF, or Vagrant's one image; None where there is neither, or
    a description that says more."""
    if list(directory.glob("*.xml")):
        return None
    found = sorted(directory.glob("*.ovf"))
    if len(found) == 1:
        return _of_ovf(found[0])
    box = directory / BOX
    if found or not box.is_file():
        return None
    disk = Disk(box.resolve(), _probe(box))
    stands_alone(disk, Where(box, 1))
    return Image(BOX, box.resolve(), (disk,))


def _of_ovf(path: Path) -> Image:
    says = ovf.read(path)
    disks = []
    for file in says.files:
        there = (path.parent / file.name).resolve()
        sums = dict(file.sums)
        disk = Disk(there, _probe(there), sums.get("SHA256", ""), sha1=sums.get("SHA1", ""))
        stands_alone(disk, file.where)
        disks.append(disk)
    return Image(says.name, says.path, tuple(disks), says.machine, (says.machine.firmware,))


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


def on_qemu(description: VirtImage, *, boot: int | None = None) -> Image:
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


def _disk(stored: StoredDisk, description: VirtImage) -> Disk:
    file = description.place(stored.file)
    disk = Disk(file, _format(stored.disk_format), stored.sha256, sha1=stored.sha1)
    if not file.is_file():
        if stored.use == "system" or not stored.size:
            raise RequestError(f"the disk {stored.file} is not there", where=stored.where)
        return replace(disk, scratch=stored.size)
    if compressed.is_packed(file):
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
    image shows the guest what its maker named. Beside it they may be, and name others in turn.
    """
    for _ in range(LONGEST_CHAIN):
        if disk.disk_format not in CHAINED:
            return
        try:
            facts = _facts(disk.path, disk.disk_format)
        except CommandError as error:
            raise RequestError(
                f"{disk.path.name} is no {disk.disk_format} image",
                tail=error.tail[-1:],
                where=where,
            ) from None
        own = facts.get("format-specific", {}).get("data", {})
        named = [facts.get("backing-filename", ""), own.get("data-file", "")]
        named += [extent.get("filename", "") for extent in own.get("extents", ())]
        base = disk.path.resolve().parent
        for name in filter(None, named):
            if PROTOCOL.match(name) or not (base / name).resolve().is_relative_to(base):
                raise RequestError(
                    f"{disk.path.name} shows the guest another file of this machine: {name}",
                    where=where,
                )
        if not named[0]:
            return
        disk = _backing(base / named[0], facts.get("backing-filename-format", ""), where)
    raise RequestError(f"more than {LONGEST_CHAIN} images name one another", where=where)


def _backing(path: Path, said: str, where: Where) -> Disk:
    """The image behind another one, in the format that is *said*, or else as QEMU sees it."""
    try:
        kind = said or str(_facts(path)["format"])
    except CommandError as error:
        raise RequestError(
            f"{path.name} is no disk image", tail=error.tail[-1:], where=where
        ) from None
    if kind not in {QEMU_FORMATS.get(name, name) for name in FORMATS}:
        raise RequestError(f"{path.name} is a disk in the format {kind}", where=where)
    return Disk(path, kind)


def _facts(path: Path, kind: str = "") -> dict[str, Any]:
    """What qemu-img says of one image alone; raises CommandError if it is not what it is said to
    be."""
    words = ["-f", kind] if kind else []
    said = command.run(["qemu-img", "info", "--output=json", *words, path.absolute()])
    facts: dict[str, Any] = json.loads(said)
    return facts
