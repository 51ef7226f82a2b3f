"""The whole story of an inspection: open the image, look at each section that is asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from appliance.backends.libraries import library
from appliance.bundle import manifest
from appliance.bundle.model import Package
from appliance.errors import RequestError
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import ChangedFile
from appliance.inspection.facts import Inspection
from appliance.inspection.installed import Budget, Ownership
from appliance.inspection.machine_facts import DiskFacts, FilesystemFacts, PartitionFacts
from appliance.inspection.opened import NoRootError, Sight, open_image
from appliance.inspection.package_databases.package_list import ownership, told
from appliance.inspection.places import Place, SeenDisk
from appliance.inspection.sections import ports as listening
from appliance.inspection.sections.people import people
from appliance.inspection.sections.sizes import size_rows
from appliance.inspection.sections.special_files import privileged, unowned
from appliance.inspection.sections.starting import start
from appliance.inspection.sections.system import product, system
from appliance.inspection.sections.units import Units, first_boot_presets, unit_facts
from appliance.intake.images import Disk
from appliance.intake.layers import USUAL, Means
from appliance.intake.received import Received

PRESETS = "there is no machine id: systemd will enable units by its presets when it starts first"
GENERATORS = "what systemd's generators add when it starts is known for consoles only"


@dataclass
class Look:
    """One image, looked at: what several sections need is found once. *notes* grow."""

    given: Received
    sight: Sight
    notes: list[str] = field(default_factory=list)

    @cached_property
    def image(self) -> Catalogue:
        """All its files. Raises NoRootError if there is no root."""
        if self.sight.root is None:
            raise NoRootError(
                f"{self.given.source}: no root that can be read is on its disks",
                hint=f"appliance inspect {self.given.source} --section disks",
                tail=self.sight.notes,
            )
        image = Catalogue(self.sight.root)
        if image.damage:
            self.notes.append(f"not all files are seen: {image.damage}")
        return image

    @cached_property
    def owned(self) -> Ownership:
        """Its packages, and whose each file is."""
        found, notes = ownership(self.image)
        self.notes += notes
        return found

    @cached_property
    def units(self) -> Units:
        """The units of its systemd."""
        return Units(self.image)

    @cached_property
    def arguments(self) -> str:
        """The kernel's command line of the first entry of its menu."""
        entries = start(self.image, self.sight.disks, "").entries
        return entries[0].arguments if entries else ""


Section = Callable[[Look], Mapping[str, object]]


def inspect(given: Received, sections: Sequence[str] = (), *, means: Means = USUAL) -> Inspection:
    """Look into the appliance that was *given*, at all sections or those that are named. What only
    a kernel reads, or what is encrypted, is read by *means*.

    Raises RequestError as opened.open_image(), NoRootError if a section needs a root and there is
    none, CommandError if an image is damaged, HostError if a library is missing.
    """
    wanted = tuple(name for name in SECTIONS if not sections or name in sections)
    kernel = needs_kernel(wanted, means)
    with open_image(given.image, means=means, kernel=kernel) as sight:
        look = Look(given, sight)
        if not sections and sight.root is None:
            wanted = tuple(name for name in wanted if name in ("product", *ON_DISKS))
            look.notes.append("no root that can be read: only its disks are told")
        return tell(look, wanted, kernel=kernel)


def needs_kernel(wanted: Sequence[str], means: Means) -> bool:
    """Whether filesystems have to be read that only a kernel reads."""
    return bool(means.passphrases) or any(name not in ON_DISKS for name in wanted)


def tell(look: Look, wanted: Sequence[str], *, kernel: bool = True) -> Inspection:
    """What the sections *wanted* tell of an image; without a *kernel*, what that would have read is
    nothing to be noted."""
    said: dict[str, object] = {}
    for name in wanted:
        said |= SECTIONS[name](look)
    sight, given = look.sight, look.given
    notes = (*(note for note in sight.notes if kernel), *look.notes, *sight.left_out())
    found = Inspection(given.image.name, given.kind, notes=tuple(dict.fromkeys(notes)))
    return replace(found, **said)  # type: ignore[arg-type]


def _product(look: Look) -> Mapping[str, object]:
    return {"product": product(look.given, look.image if look.sight.root else None)}


def _system(look: Look) -> Mapping[str, object]:
    return {"system": system(look.image, look.owned, look.given.image.machine)}


def _start(look: Look) -> Mapping[str, object]:
    return {"start": start(look.image, look.sight.disks, look.units.target())}


def _disks(look: Look) -> Mapping[str, object]:
    given = [disk for disk in look.given.image.disks if not disk.scratch]
    disks = [_disk(*pair) for pair in zip(look.sight.disks, given, strict=True)]
    places = [_filesystem(place) for place in look.sight.places]
    return {"disks": tuple(disks), "filesystems": tuple(places)}


def _packages(look: Look) -> Mapping[str, object]:
    return {"packages": told(look.owned, look.image, _listed(look))}


def _sizes(look: Look) -> Mapping[str, object]:
    return {"sizes": size_rows(look.image, look.owned)}


def _users(look: Look) -> Mapping[str, object]:
    return {"users": people(look.image)}


def _units(look: Look) -> Mapping[str, object]:
    if first_boot_presets(look.image):
        look.notes.append(PRESETS)
    look.notes.append(GENERATORS)
    return {"units": unit_facts(look.units, look.arguments, look.owned, look.image)}


def _ports(look: Look) -> Mapping[str, object]:
    started = sorted(look.units.started(look.arguments))
    found = listening.ports(look.image, look.units, started)
    if unknown := listening.unknown(look.units, started):
        look.notes.append(f"whether these listen is not known: {', '.join(unknown)}")
    return {"ports": found}


def _files(look: Look) -> Mapping[str, object]:
    return {
        "unowned": unowned(look.image, look.owned),
        "privileged": privileged(look.image, look.owned),
    }


def _changed(look: Look) -> Mapping[str, object]:
    budget = Budget()
    found: list[ChangedFile] = []
    for package in look.owned.packages:
        found += package.verify(budget)
    if budget.skipped:
        look.notes.append(f"{len(budget.skipped)} files are too large to be compared")
    return {"changed": tuple(sorted(found, key=lambda each: each.path))}


def _certificates(look: Look) -> Mapping[str, object]:
    library("cryptography.x509")
    from appliance.inspection.sections.certificates import (
        certificates,
    )  # here: no other section needs it

    return {"certificates": certificates(look.image, look.owned)}


# What can be asked for, in the order in which it is told.
SECTIONS: dict[str, Section] = {
    "product": _product,
    "system": _system,
    "start": _start,
    "disks": _disks,
    "packages": _packages,
    "sizes": _sizes,
    "users": _users,
    "units": _units,
    "ports": _ports,
    "files": _files,
    "changed": _changed,
    "certificates": _certificates,
}
ON_DISKS = ("disks",)  # the sections for which no filesystem has to be read


def _disk(seen: SeenDisk, given: Disk) -> DiskFacts:
    return DiskFacts(
        name=seen.name,
        size=seen.size,
        file=given.path.name,
        file_size=given.path.stat().st_size,
        format=given.disk_format,
        table=seen.table.label,
        partitions=tuple(
            PartitionFacts(each.number, each.start, each.size, each.type, each.name, each.uuid)
            for each in seen.table.partitions
        ),
    )


def _filesystem(place: Place) -> FilesystemFacts:
    said = place.said
    return FilesystemFacts(
        disk=place.disk,
        place=place.name,
        kind=said.kind,
        mount_point=place.mount_point,
        label=said.label,
        uuid=said.uuid,
        size=said.size or place.area.size,
        used=place.used,
        free=said.free,
        problem=place.problem,
    )


def _listed(look: Look) -> tuple[Package, ...]:
    """The package list beside a bundle's description; none if it is not there, or damaged."""
    bundle = look.given.bundle
    if bundle is None:
        return ()
    path = look.given.image.path.with_name(manifest.packages_file(bundle))
    try:
        return manifest.packages_read(path).packages
    except RequestError:
        look.notes.append(f"the bundle's list of packages, {path.name}, cannot be read")
        return ()
