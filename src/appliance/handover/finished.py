"""A finished build, and what can be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.backends import disk_formats, families
from appliance.backends.package_managers.model import Lock, LockedPackage
from appliance.backends.tree_formats import KNOWN
from appliance.bundle.model import Artifact, Bundle, Machine, Package, PackageRepository
from appliance.bundle.sheet import Sheet
from appliance.handover.form import Handover
from appliance.layout.firmware import started_by
from appliance.layout.storage import Storage
from appliance.plan.make import Target
from appliance.plan.model import Plan
from appliance.recipe.model import Recipe
from appliance.steps.convert_disk import ConvertDisk
from appliance.steps.map_blocks import MapBlocks
from appliance.steps.pack_tree import PackTree
from appliance.store.results import Store
from appliance.work.results import Result


@dataclass(frozen=True)
class Finished:
    """A build whose images are in the store; *sheet* is what was said of the machine and the
    product, *packages* are the files of what it installed, if anybody wants them, *listed* is what
    is known of these packages; empty: no more than the lock says."""

    recipe: Recipe
    storage: Storage
    lock: Lock
    plan: Plan
    target: Target
    notes: tuple[str, ...]
    handover: Handover = field(default_factory=Handover)
    sheet: Sheet = field(default_factory=Sheet)
    packages: Mapping[LockedPackage, Path] = field(default_factory=dict)
    listed: tuple[Package, ...] = ()

    @property
    def name(self) -> str:
        """What the appliance is called when it is handed over."""
        return self.handover.called(self.recipe.name, self.sheet.version, self.target.architecture)

    def conversions(self) -> tuple[ConvertDisk, ...]:
        """The steps that made the images: for each format one a disk."""
        return tuple(step for step in self.plan.steps if isinstance(step, ConvertDisk))

    def file_name(self, step: ConvertDisk) -> str:
        """What the image is called that *step* made."""
        suffix = disk_formats.find(step.disk_format).suffix
        return f"{self.name}-{step.disk}.{suffix}"

    def images(self, store: Store) -> dict[str, Path]:
        """The images in the store, by the names that they are handed over with."""
        digests = self.plan.digests()
        return {
            self.file_name(step): store.data(digests[step.gives]) for step in self.conversions()
        }

    def others(self) -> dict[Result, str]:
        """The results that are no image of a disk: their file names, by the result."""
        name = self.name
        maps = (step for step in self.plan.steps if isinstance(step, MapBlocks))
        trees = (step for step in self.plan.steps if isinstance(step, PackTree))
        return {
            **{step.gives: f"{name}-{step.disk}.raw.bmap" for step in maps},
            **{
                step.gives: f"{name}.{KNOWN[step.tree_format].suffix}"
                for step in trees
                if not KNOWN[step.tree_format].unpacked
            },
        }

    def directories(self) -> dict[Result, str]:
        """The results that become directories: the names of these, by the result."""
        return {
            step.gives: f"{self.name}.{KNOWN[step.tree_format].suffix}"
            for step in self.plan.steps
            if isinstance(step, PackTree) and KNOWN[step.tree_format].unpacked
        }

    def given(self) -> set[str]:
        """The names of all that the build makes besides images of disks."""
        return {*self.others().values(), *self.directories().values()}


def foreseen(finished: Finished) -> Bundle:
    """What a build is going to hand over: all but what only the images themselves can tell."""
    return _bundle(
        finished,
        tuple(
            Artifact(step.disk, finished.file_name(step), step.disk_format, size=0, sha256="")
            for step in finished.conversions()
        ),
    )


def described(finished: Finished, store: Store) -> Bundle:
    """What a finished build hands over; its images' SHA-256 only if somebody wants them."""
    digests = finished.plan.digests()

    def artifact(step: ConvertDisk) -> Artifact:
        image = store.data(digests[step.gives])
        return disk_formats.artifact(
            disk_formats.find(step.disk_format),
            image,
            disk=step.disk,
            path=finished.file_name(step),
            sha256=store.sha256(digests[step.gives]) if finished.handover.checksums else "",
        )

    return _bundle(finished, tuple(artifact(step) for step in finished.conversions()))


def _bundle(finished: Finished, artifacts: tuple[Artifact, ...]) -> Bundle:
    recipe, lock, plan, sheet = finished.recipe, finished.lock, finished.plan, finished.sheet
    return Bundle(
        name=finished.name,
        version=sheet.version,
        release=sheet.release,
        family=lock.family,
        family_release=lock.release,
        clock=plan.clock,
        plan_digest=plan.digest(),
        machine=said_of_machine(
            sheet,
            Machine(architecture=finished.target.architecture, memory=finished.target.memory),
        ),
        firmware=started_by(
            recipe.boot_loader, finished.storage, architecture=finished.target.architecture
        ),
        artifacts=artifacts,
        packages=finished.listed or _locked(lock),
        notes=finished.notes,
        product=sheet.product,
        lacks=families.KNOWN[lock.family].lacks(_names(finished)),
        repositories=tuple(
            PackageRepository(
                item.name, item.suite, item.components, item.date, item.origin, item.sha256,
                item.unverified,
            )
            for item in lock.repositories
        ),
        icon=recipe.brand.logo if recipe.brand else None,
    )  # fmt: skip


def _locked(lock: Lock) -> tuple[Package, ...]:
    return tuple(
        Package(item.name, item.version, item.architecture, item.sha256, item.size, item.repository)
        for item in lock.packages
    )


def _names(finished: Finished) -> list[str]:
    """The packages that are installed; before that is known, those that were named."""
    locked = [item.name for item in finished.lock.packages]
    return locked or [wanted.name for wanted in finished.recipe.packages.names]


def said_of_machine(sheet: Sheet, machine: Machine) -> Machine:
    """*machine* with everything that *sheet* says of it."""
    return replace(
        machine,
        memory=sheet.memory or machine.memory,
        cpus=sheet.cpus or machine.cpus,
        interfaces=sheet.interfaces or machine.interfaces,
        firmware=sheet.firmware or machine.firmware,
        disk_bus=sheet.disk_bus or machine.disk_bus,
        network_card=sheet.network_card or machine.network_card,
        display=machine.display if sheet.display is None else sheet.display,
        os_type=sheet.os_type or machine.os_type,
    )
