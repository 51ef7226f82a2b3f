"""Give an appliance that is built, or any disk image, in other formats: `appliance convert`."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.backends import disk_formats
from appliance.bundle import manifest
from appliance.bundle.model import BIOS, UEFI, Artifact, Bundle
from appliance.bundle.purposes import Purpose
from appliance.bundle.sheet import Sheet
from appliance.errors import RequestError
from appliance.events import Emit, Noted, Progress, phase
from appliance.handover.export import Parcel, check, check_places, hand_over
from appliance.handover.finished import said_of_machine
from appliance.handover.form import Handover
from appliance.handover.source_files import check_kept, package_list
from appliance.host import command, trees
from appliance.intake import disk_images
from appliance.intake.digests import check_disks
from appliance.intake.images import Disk
from appliance.intake.received import DISK, Received
from appliance.layout.identity import stable_uuid
from appliance.layout.starts import HEAD, starts_under
from appliance.recipe.overrides import check_name
from appliance.store.drafting import drafting
from appliance.store.results import OUTPUT_REMEDY, full_disk_told
from appliance.units import align_up
from appliance.work.results import FormattedImage

PIECE = 1024 * 1024  # bytes


@dataclass(frozen=True)
class ConversionRequest:
    """What is converted, and how.

    *source*: the image or appliance that is converted.
    *named*: the file or directory that it was read from, as somebody named it; a bundle file, say,
        of which *source* is what was unpacked. None if it is the same.
    *output*: the directory that the result is put into.
    *formats*: the disk formats of the result.
    *handover*: in which form the result is handed over.
    *places*: the places (`--for`) that the result must suit.
    *spoken*: what the command line and its sheet say of machine and product.
    *name*: what the result is called; empty for the source's name.
    *cores*: how many processors the work may take.
    *plain*: True if only images are written, beside each other in *output*.
    *force*: True if results that are there already are replaced.
    *clock*: the moment that is written into the result, in seconds since 1970; 0 if nobody says
        one.
    """

    source: Received
    output: Path
    formats: tuple[str, ...]
    handover: Handover = field(default_factory=Handover)
    places: tuple[Purpose, ...] = ()
    spoken: Sheet = field(default_factory=Sheet)
    name: str = ""
    cores: int = 1
    plain: bool = False
    force: bool = False
    clock: int = 0
    named: Path | None = None


@dataclass(frozen=True)
class _Hands:
    """Lets disk formats convert an image with this machine's own tools (see
    appliance.work.Conversion).

    *clock*: the moment that every tool is told it is, in seconds since 1970.
    *identity*: a UUID for the image, which is the same each time.
    *cores*: how many processors a tool may take.
    *name*: the name under which progress is told.
    *emit*: hears of progress.
    *scratch*: a directory for files that are needed meanwhile.
    """

    clock: int
    identity: str
    cores: int
    name: str
    emit: Emit
    scratch: Path

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Run a program on this machine, with the conversion's clock as $SOURCE_DATE_EPOCH; return
        what it printed."""
        now = {"SOURCE_DATE_EPOCH": str(self.clock)}
        return command.run(argv, stdin=stdin, env={**now, **(env or {})}, name=str(argv[0]))

    def progress(self, done: int, total: int, unit: str) -> None:
        """Emit how far the conversion is as an event."""
        self.emit(Progress(self.name, done, total, unit))


def convert(wanted: ConversionRequest, emit: Emit) -> tuple[Path, ...]:
    """Write what is *wanted*; return the files and directories that it came to.

    The same source gives the same bytes. The source stays as it is, and nothing half-written is
    left. Raises RequestError for what is no appliance, or already there; HostError for a full disk.
    """
    old, sources = _read(wanted)
    _checked(wanted, old, sources)
    packages = package_list(wanted.source)
    handover = replace(wanted.handover, package_list=packages is not None)
    with (
        full_disk_told(wanted.output, OUTPUT_REMEDY),
        drafting(wanted.output, f"{old.name}.images") as draft,
    ):
        raws = {
            disk: _whole(
                _raw(source, draft / f"{disk}.disk", wanted), wanted, draft / f"{disk}.grown"
            )
            for disk, source in sources.items()
        }
        identities = {disk: _content(raw) for disk, raw in raws.items()}
        old = _with_facts(old, raws, identities)
        artifacts = [
            _made(_Source(disk, raw, identities[disk]), name, draft, old, wanted.cores, emit)
            for name in wanted.formats
            for disk, raw in raws.items()
        ]
        images = {each.path: draft / each.path for each in artifacts}
        if wanted.plain:
            return _placed(images, wanted)
        parcel = Parcel(
            _bundle(old, wanted, artifacts),
            lambda: _bundle(old, wanted, [_hashed(each, images) for each in artifacts]),
            images,
            {manifest.packages_file(old): packages} if packages else {},
        )
        for text in (*wanted.source.said.unsaid, *handover.left_out(parcel.foreseen)):
            emit(Noted(text))
        return hand_over(parcel, handover, wanted.output, cores=wanted.cores, emit=emit)


@dataclass(frozen=True)
class _Source:
    """One disk that is converted: its name, its plain bytes, and a digest of these."""

    disk: str
    raw: Path
    identity: str


def _made(source: _Source, name: str, draft: Path, old: Bundle, cores: int, emit: Emit) -> Artifact:
    """Write the disk *source* of the bundle *old* into *draft*, in the format *name*."""
    kind, disk = disk_formats.find(name), source.disk
    step = str(FormattedImage(disk, name))
    image = draft / _file_name(old.name, disk, name)
    with phase(step, emit) as done:
        scratch = draft / "scratch"
        scratch.mkdir(exist_ok=True)
        identity = stable_uuid(source.identity, name)
        hands = _Hands(old.clock, identity, cores, step, emit, scratch)
        disk_formats.make(hands, kind, raw=source.raw, image=image)
        done("done")
    return disk_formats.artifact(kind, image, disk=disk, path=image.name, sha256="")


def _read(wanted: ConversionRequest) -> tuple[Bundle, dict[str, Disk]]:
    """What the source says of itself, and each disk by its name; one that is alone needs none.

    Raises RequestError if a disk is not the one that the source describes.
    """
    source = wanted.source
    image, disks = source.image, source.image.disks
    check_disks(image)
    bundle = source.bundle or Bundle(
        name=image.path.name.split(".")[0] if source.kind == DISK else image.name,
        version=source.said.version, release=source.said.release, family="", family_release="",
        clock=wanted.clock, plan_digest="", machine=image.machine, firmware=(), artifacts=(),
        packages=(), product=source.said.product, lacks=source.said.lacks,
    )  # fmt: skip
    bundle = replace(bundle, name=wanted.name or bundle.name)
    check_name(bundle.name)
    own = {disk.name: disk for disk in disks}
    if source.bundle or (len(own) == len(disks) and "" not in own):
        return bundle, own
    names = [f"disk{n}" for n in range(1, len(disks) + 1)] if len(disks) > 1 else [""]
    return bundle, dict(zip(names, disks, strict=True))


def _checked(wanted: ConversionRequest, old: Bundle, sources: Mapping[str, Disk]) -> None:
    """Raise RequestError for what can be seen before anything is read."""
    expected = [
        Artifact(disk, _file_name(old.name, disk, name), name, size=0, sha256="")
        for name in wanted.formats
        for disk in sources
    ]
    if wanted.plain:
        check(_bundle(old, wanted, expected), replace(wanted.handover, launchers=()))
        for artifact in expected:
            place = wanted.output / artifact.path
            if place.exists() and not wanted.force:
                raise RequestError(f"{place} is there already", hint="--force, or -o DIR")
            if place.is_dir():
                raise RequestError(f"{place} is a directory", hint="-o DIR")
        places = [wanted.output / artifact.path for artifact in expected]
        check_kept(places, wanted.source, wanted.named)
        return
    firmware = old.firmware or (BIOS, UEFI)
    check(_bundle(replace(old, firmware=firmware), wanted, expected), wanted.handover)
    taken = check_places(wanted.output, old.name, wanted.handover)
    check_kept(taken.values(), wanted.source, wanted.named)


def _raw(source: Disk, scratch: Path, wanted: ConversionRequest) -> Path:
    """The disk in the image *source*; a copy where it would become the result itself."""
    raw = disk_images.raw_of(source, scratch)
    if raw == source.path and "raw" in wanted.formats:
        trees.copy(raw, scratch)
        return scratch
    return raw


def _with_facts(old: Bundle, raws: Mapping[str, Path], identities: Mapping[str, str]) -> Bundle:
    """Add to the appliance what the disks themselves tell, where nobody said it."""
    first = next(iter(raws))
    firmware = old.firmware
    if not firmware:
        with raws[first].open("rb") as file:
            firmware = starts_under(file.read(HEAD)) or (BIOS,)
    return replace(old, firmware=firmware, plan_digest=old.plan_digest or identities[first])


def _whole(raw: Path, wanted: ConversionRequest, grown: Path) -> Path:
    """The disk with a size that the places take; only a copy of it is changed."""
    whole = max((place.whole for place in wanted.places), default=1)
    size = align_up(raw.stat().st_size, whole)
    for place in wanted.places:
        refusal = place.refuses(size)
        if refusal:
            raise RequestError(refusal)
    if size == raw.stat().st_size:
        return raw
    trees.copy(raw, grown)
    os.truncate(grown, size)
    with grown.open("rb") as file:
        file.seek(512)
        if file.read(8) == b"EFI PART":  # its second table belongs to the end of the disk
            command.run(["sfdisk", "--quiet", "--relocate", "gpt-bak-std", grown])
    return grown


def _content(raw: Path) -> str:
    """A digest of the disk: its size, and where it has which data; holes are not read."""
    digest = hashlib.sha256()
    with raw.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        digest.update(str(size).encode())
        for start, end in trees.data_ranges(file.fileno(), size):
            for place in range(start, end, PIECE):
                piece = os.pread(file.fileno(), min(PIECE, end - place), place)
                if any(piece):
                    digest.update(b"%d:" % place + piece)
    return digest.hexdigest()


def _hashed(artifact: Artifact, images: Mapping[str, Path]) -> Artifact:
    return replace(artifact, sha256=trees.sha256(images[artifact.path]))


def _bundle(old: Bundle, wanted: ConversionRequest, artifacts: Sequence[Artifact]) -> Bundle:
    """Return the appliance in its new formats, with what was said of it now."""
    return replace(
        old,
        artifacts=tuple(artifacts),
        version=wanted.spoken.version or old.version,
        release=wanted.spoken.release or old.release,
        machine=said_of_machine(wanted.spoken, old.machine),
        product=wanted.spoken.over(Sheet(product=old.product)).product,
        icon=wanted.spoken.brand.logo if wanted.spoken.brand else None,
    )


def _file_name(name: str, disk: str, disk_format: str) -> str:
    suffix = disk_formats.find(disk_format).suffix
    return f"{name}-{disk}.{suffix}" if disk else f"{name}.{suffix}"


def _placed(images: Mapping[str, Path], wanted: ConversionRequest) -> tuple[Path, ...]:
    for file, made in images.items():
        made.replace(wanted.output / file)
    return tuple(wanted.output / file for file in images)
