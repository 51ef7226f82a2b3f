"""The one door: what a file or directory is that somebody gave us, and the appliance in it.

The ways in which an appliance is described have one order: what says more comes first.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.bundle import manifest
from appliance.bundle.model import Bundle
from appliance.errors import RequestError, Where
from appliance.intake import bundles, ovf, virt_image, vmx
from appliance.intake.bundle_files import is_bundle_file
from appliance.intake.compressed_disks import is_packed
from appliance.intake.described_machine import DescribedMachine, DescribedProduct
from appliance.intake.images import Disk, Image
from appliance.intake.places import files_in
from appliance.intake.stored_disks import is_disk, name_of_disk, stored
from appliance.intake.trust import check_file, is_directory, trusted
from appliance.intake.virt_image import VirtImage
from appliance.intake.virt_image_machine import machine_of, usual_boot, whole_boot
from appliance.intake.xml_reading import root_tag

DISK, BUNDLE, UNDESCRIBED = "disk image", "bundle", "bundle without a description"
VIRT_IMAGE, OVF, VMX, BOX = "virt-image XML", "OVF", "VMX", "box"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")  # of a disk
MOST_LOOKED_AT = 64  # images of one directory: of more, nothing says which is meant
BOX_DISK = "box.img"  # what a box for libvirt calls its disk
ARCHITECTURES = ("x86_64", "i686")  # of machines that can be started here


@dataclass(frozen=True)
class Received:
    """What was given, and the appliance in it.

    *kind*: what it is, one of the words above.
    *source*: the file or directory that was named, or that a bundle file was unpacked to.
    *image*: the appliance, with its disks in the best format that is there, all of them trusted.
    *where*: where its machine is described.
    *bundle*: what our own description says, or None.
    *description*: what virt-image XML says, or None.
    *said*: what an OVF says of the product.
    """

    kind: str
    source: Path
    image: Image
    where: Where
    bundle: Bundle | None = None
    description: VirtImage | None = None
    said: DescribedProduct = field(default_factory=DescribedProduct)


def received(path: Path, *, unpack: Callable[[Path], Path] | None = None) -> Received:
    """Find out what *path* is: a disk image, a description, a bundle's directory, or a bundle file,
    which *unpack* makes a directory of.

    Raises RequestError, with the line where a description has it, if it is nothing of these or not
    to be trusted.
    """
    if not is_directory(path):
        check_file(path)
        if is_bundle_file(path):
            if unpack is None:
                raise RequestError(f"{path} is a bundle file", hint="unpack it")
            place = unpack(path)
            try:
                return received(place)
            except RequestError as error:
                raise _named(error, place, path) from None
        reader = next((read for end, read in DESCRIPTIONS.items() if _called(path, end)), None)
        return reader(path) if reader else _disk(path)
    files = files_in(path)
    for way in WAYS:
        found = way(path, files)
        if found:
            return replace(found, source=path.resolve())
    names = ", ".join(file.name for file in _images(files)[:10])
    raise RequestError(
        f"{path} is not a bundle: "
        + (
            f"nothing says which is meant of {names}" if names else "no appliance and no disk in it"
        ),
        hint="name the description or the disk image",
    )


def _named(error: RequestError, place: Path, path: Path) -> RequestError:
    """The *error* about what was unpacked to *place*, in which that is called by the file *path*
    that it came from: nobody knows the other name."""

    def said(text: str) -> str:
        return text.replace(str(place.resolve()), str(path)).replace(str(place), str(path))

    where = error.where and Where(Path(said(str(error.where.path))), error.where.line)
    return RequestError(
        said(error.problem), hint=said(error.hint), where=where, tail=tuple(map(said, error.tail))
    )


def disk_at(path: Path) -> Disk:
    """The disk in the image *path*. Raises RequestError as received(), also for a description."""
    given = received(path)
    if given.kind != DISK:
        raise RequestError(
            f"{path} is a description ({given.kind})",
            hint="its directory, or one of its disk images",
        )
    return given.image.disks[0]


def disks_stated(directory: Path) -> dict[Path, Disk]:
    """The disks that are described in *directory*, by their files with all links followed: of our
    own descriptions in all formats that are there. Empty if nothing is described.

    Where there are descriptions of several kinds, only those count that received() would read.
    Raises RequestError if one cannot be read, or a disk is not to be trusted.
    """
    files = files_in(directory)
    for ending, reader in DESCRIPTIONS.items():
        if found := [file for file in files if _called(file, ending) and _describes(file)]:
            disks = [disk for file in found for disk in _all_disks(file, reader)]
            return {disk.path.resolve(): disk for disk in disks}
    return {}


def _all_disks(path: Path, reader: Callable[[Path], Received]) -> tuple[Disk, ...]:
    if reader is not _bundle:
        return reader(path).image.disks
    bundle = manifest.read(path)
    images = [bundles.in_format(bundle, path, name) for name in bundles.BEST]
    return tuple(disk for image in images if image for disk in image.disks)


def to_start(given: Received) -> Image:
    """The machine of *given*; raises RequestError if none of this host's can start it."""
    if given.description:
        whole_boot(given.description)
    startable(given.image, given.where)
    return given.image


def startable(image: Image, where: Where) -> None:
    """Raise RequestError, with *where*, for a machine with another processor."""
    architecture = image.machine.architecture
    if architecture not in ARCHITECTURES:
        raise RequestError(f"an appliance for {architecture} cannot be started here", where=where)


def virt_image_of(path: Path) -> VirtImage:
    """The description for `virt-image`, which also looks for it in the directory of its name; of
    its disks nothing is checked yet. Raises RequestError."""
    place = virt_image.find(path)
    check_file(place)
    return virt_image.read(place)


def _disk(path: Path) -> Received:
    disk = stored(path)
    name = Path(path.stem).stem if disk.packed else path.stem
    return Received(DISK, disk.path, Image(name, disk.path, (disk,)), Where(path, 1))


def _bundle(path: Path) -> Received:
    bundle = manifest.read(path)
    image = bundles.described(bundle, path)
    return Received(BUNDLE, path.resolve(), image, Where(path, 1), bundle=bundle)


def _virt_image(path: Path) -> Received:
    description = virt_image.read(path)
    boot = usual_boot(description)
    image = machine_of(description, boot)
    return Received(VIRT_IMAGE, description.path, image, boot.where, description=description)


def _ovf(path: Path) -> Received:
    return _described(OVF, ovf.read(path))


def _vmx(path: Path) -> Received:
    return _described(VMX, vmx.read(path))


def _described(kind: str, said: DescribedMachine) -> Received:
    disks = []
    for file in said.files:
        sums = dict(file.sums)
        disk = stored(file.path, where=file.where)
        disk = replace(disk, name=_disk_name(file.path, said.name))
        disks.append(replace(disk, sha256=sums.get("SHA256", ""), sha1=sums.get("SHA1", "")))
    image = Image(said.name, said.path, tuple(disks), said.machine, (said.machine.firmware,))
    return Received(kind, said.path, image, Where(said.path, 1), said=said.said)


def _disk_name(file: Path, name: str) -> str:
    """What the disk in *file* is called in the appliance *name*: sda, in web-sda.vmdk; empty where
    the file is not called after the appliance."""
    disk = name_of_disk(file.name).removeprefix(f"{name}-")
    return disk if f"{name}-{disk}" == name_of_disk(file.name) and NAME.fullmatch(disk) else ""


def _called(file: Path, ending: str) -> bool:
    """Whether the name of *file* has that *ending*, in whatever case: others write Web.OVF."""
    return file.name.lower().endswith(ending)


def _one(reader: Callable[[Path], Received], ending: str) -> "Way":
    """The way to read the only file with that *ending*; several are a mistake."""

    def way(directory: Path, files: tuple[Path, ...]) -> Received | None:
        found = [file for file in files if _called(file, ending)]
        return reader(_only(found, directory)) if found else None

    return way


def _of_xml(directory: Path, files: tuple[Path, ...]) -> Received | None:
    """By the one XML file that is a virt-image description; other XML may be anything."""
    found = [file for file in files if _called(file, ".xml") and _describes(file)]
    return _virt_image(_only(found, directory)) if found else None


def _describes(file: Path) -> bool:
    """Whether *file* is called after a description, and is none of the other XML."""
    return not _called(file, ".xml") or root_tag(file) == virt_image.ROOT


def _undescribed(directory: Path, files: tuple[Path, ...]) -> Received | None:
    """The disks of an appliance that no virt-image file describes, since only UEFI starts it."""
    name, names = directory.resolve().name, {file.name for file in files}
    if f"{name}{manifest.PACKAGES}" not in names or f"{name}.xml" in names:
        return None
    best: dict[str, Path] = {}
    for file in sorted(files, key=_rank):
        if file.name.startswith(f"{name}-") and is_disk(file.name):
            best.setdefault(name_of_disk(file.name), file)
    if not best:
        return None
    found = tuple(stored(best[disk]) for disk in sorted(best))
    return Received(UNDESCRIBED, directory, Image(name, found[0].path, found), Where(directory, 1))


def _rank(file: Path) -> int:
    """Return the place in bundles.BEST of the format that *file* is called after, or its end."""
    said = file.name.removeprefix(name_of_disk(file.name)).removeprefix(".").lower()
    return bundles.BEST.index(said) if said in bundles.BEST else len(bundles.BEST)


def _box(directory: Path, files: tuple[Path, ...]) -> Received | None:
    """Vagrant's one image for libvirt."""
    del directory
    for file in files:
        if file.name == BOX_DISK:
            image = replace(_disk(file).image, name=BOX_DISK)
            return Received(BOX, image.path, image, Where(file, 1))
    return None


def _lone(directory: Path, files: tuple[Path, ...]) -> Received | None:
    """The only disk image, whoever made the directory."""
    del directory
    found = _images(files)
    return _disk(found[0]) if len(found) == 1 else None


def _images(files: tuple[Path, ...]) -> list[Path]:
    """The files that are disk images, as their names tell, without those that hold bytes of
    another one: web-flat.vmdk of web.vmdk, the image that an overlay lies over."""
    found = [file for file in files if is_disk(file.name)]
    if not 1 < len(found) <= MOST_LOOKED_AT:
        return found
    parts = {part for file in found for part in _parts(file)}
    return [file for file in found if file.resolve() not in parts]


def _parts(image: Path) -> tuple[Path, ...]:
    """The other files that hold bytes of *image*; none if it is not to be trusted."""
    try:
        return () if is_packed(image) else trusted(image).others
    except RequestError:
        return ()


def _only(found: list[Path], directory: Path) -> Path:
    if len(found) > 1:
        names = ", ".join(file.name for file in found[:10])
        raise RequestError(
            f"{directory} holds several appliances: {names}", hint="name one of these files"
        )
    return found[0]


Way = Callable[[Path, tuple[Path, ...]], Received | None]
DESCRIPTIONS: dict[str, Callable[[Path], Received]] = {
    manifest.DESCRIPTION: _bundle,
    ".xml": _virt_image,
    ".ovf": _ovf,
    ".vmx": _vmx,
}
WAYS: tuple[Way, ...] = (
    _one(_bundle, manifest.DESCRIPTION),
    _of_xml,
    _undescribed,
    _one(_ovf, ".ovf"),
    _one(_vmx, ".vmx"),
    _box,
    _lone,
)
