"""Hand the finished appliance over: a directory that appears whole or not at all."""

import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from appliance.backends import disk_formats
from appliance.backends.package_managers.model import Lock, LockedPackage
from appliance.bundle import manifest
from appliance.bundle.model import Artifact, Bundle, Machine, Package
from appliance.engine import archives
from appliance.engine.drafting import drafting
from appliance.engine.handover import Handover, included
from appliance.engine.package_cache import fill
from appliance.engine.store import Store, full_disk_told
from appliance.errors import RequestError
from appliance.host import trees
from appliance.layout.firmware import started_by
from appliance.layout.place import disks
from appliance.plan.make import Target
from appliance.plan.model import Plan
from appliance.recipe.model import Recipe

LOG = "build.log"


@dataclass(frozen=True)
class Finished:
    """A build whose images are in the store; *packages* are the files of what it installed, if
    anybody wants them."""

    recipe: Recipe
    lock: Lock
    plan: Plan
    target: Target
    notes: tuple[str, ...]
    handover: Handover = field(default_factory=Handover)
    packages: Mapping[LockedPackage, Path] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What the images' names end with, and what launchers know them by."""
        return disk_formats.find(self.target.disk_format).suffix

    def files(self) -> dict[str, str]:
        """The name of each image's file, by the result that it is."""
        return {
            result: f"{self.recipe.name}-{disk}.{self.kind}"
            for disk, result in zip(disks(self.recipe.volumes), self.plan.targets, strict=True)
        }

    def images(self, store: Store) -> dict[str, Path]:
        """The images in the store, by the names that they are handed over with."""
        digests = self.plan.digests()
        return {file: store.data(digests[result]) for result, file in self.files().items()}


def describe(finished: Finished, sums: dict[str, str], sizes: dict[str, int]) -> Bundle:
    """Say what a finished build hands over; *sums* are its images' SHA-256 by result, empty where
    nobody asked for one, *sizes* those of the disks, in bytes."""
    recipe, lock, plan, target = finished.recipe, finished.lock, finished.plan, finished.target
    artifacts = tuple(
        Artifact(
            disk=disk,
            path=finished.files()[result],
            disk_format=finished.kind,
            size=sizes[result],
            sha256=sums[result],
        )
        for disk, result in zip(disks(recipe.volumes), plan.targets, strict=True)
    )
    return Bundle(
        name=recipe.name,
        version=finished.handover.version,
        release=finished.handover.release,
        family=lock.family,
        family_release=lock.release,
        clock=plan.clock,
        plan_digest=plan.digest(),
        machine=Machine(
            architecture=target.architecture,
            memory=target.memory,
            cpus=target.cpus,
            interfaces=max(1, len(recipe.settings.interfaces)),
        ),
        firmware=started_by(recipe, target.architecture),
        artifacts=artifacts,
        packages=tuple(
            Package(item.name, item.version, item.architecture, item.sha256, item.size,
                    item.repository)
            for item in lock.packages
        ),
        notes=finished.notes,
    )  # fmt: skip


def export(finished: Finished, store: Store, output: Path, log: Path) -> Path:
    """Write the appliance to the directory OUTPUT/NAME, or to an archive of that name; return it.

    One that is there already is exchanged for the new one and then removed; what no build made is
    left alone, with a RequestError.
    """
    name, handover = finished.recipe.name, finished.handover
    place = check_place(output, name, handover)
    with full_disk_told(output), drafting(output, name) as draft:
        made, texts = draft / place.name, draft / "texts"
        if handover.archive:
            texts.mkdir()
            files = finished.images(store) | _texts(finished, store, texts)
            files |= included(handover.include, _taken(finished))
            members = {f"{name}/{file}": path for file, path in files.items()}
            archives.WRITERS[handover.archive](made, members, finished.plan.clock)
        else:
            made.mkdir()
            _lay_out(finished, store, made)
            if handover.log:
                trees.copy(log, made / LOG)
        trees.exchange(made, place)
    if handover.packages:
        fill(handover.packages, finished.packages)
    return place


def check_include(finished: Finished) -> None:
    """Raise RequestError if what --include adds cannot come along; nothing need be built yet."""
    included(finished.handover.include, _taken(finished))


def _taken(finished: Finished) -> set[str]:
    """The names of the appliance's own files."""
    handover = finished.handover
    nothing = dict.fromkeys(finished.plan.targets, "")
    bundle = describe(finished, nothing, dict.fromkeys(nothing, 0))
    return {
        *finished.files().values(),
        manifest.packages_file(bundle),
        *(launcher.file_name(bundle) for launcher in handover.launchers),
        *([manifest.SUMS] if handover.sums else []),
        *([LOG] if handover.log and not handover.archive else []),
    }


def _lay_out(finished: Finished, store: Store, made: Path) -> None:
    """Make the directory *made* the appliance."""
    images = finished.images(store)
    with ThreadPoolExecutor() as pool:  # copying and hashing at the same time
        copies = [pool.submit(trees.copy, image, made / file) for file, image in images.items()]
        _texts(finished, store, made)
        for copy in copies:
            copy.result()
    for file, path in included(finished.handover.include, _taken(finished)).items():
        (made / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, made / file)


def _texts(finished: Finished, store: Store, place: Path) -> dict[str, Path]:
    """Write what describes the images into the directory *place*; return the files by name."""
    handover, digests = finished.handover, finished.plan.digests()
    sums = {
        result: store.sha256(digests[result]) if handover.checksums else ""
        for result in finished.plan.targets
    }
    kind = disk_formats.find(finished.target.disk_format)
    sizes = {name: kind.size(store.data(digests[name])) for name in finished.plan.targets}
    bundle = describe(finished, sums, sizes)
    texts = {manifest.packages_file(bundle): manifest.packages_text(bundle)}
    for launcher in handover.launchers:
        if not launcher.refuses(firmware=bundle.firmware, disk_format=finished.kind):
            texts[launcher.file_name(bundle)] = launcher.text(bundle)
    for file, text in texts.items():
        (place / file).write_text(text)
    if handover.sums:
        listed = {file: trees.sha256(place / file) for file in texts}
        listed |= {artifact.path: artifact.sha256 for artifact in bundle.artifacts}
        (place / manifest.SUMS).write_text(manifest.sums_text(listed))
    return {path.name: path for path in place.iterdir() if path.name in {*texts, manifest.SUMS}}


def check_place(output: Path, name: str, handover: Handover) -> Path:
    """Where an appliance will be. Raises RequestError if that would replace what is none."""
    place = output / f"{name}{archives.suffix(handover.archive)}"
    is_ours = archives.holds_appliance if handover.archive else _is_appliance
    if place.exists() and not is_ours(place, name):
        raise RequestError(
            f"{place} exists, and no build made it", hint="-o DIR, or move it out of the way"
        )
    return place


def _is_appliance(place: Path, name: str) -> bool:
    """True for a directory that a build made, the original appliance-creator's included, and for
    one with nothing in it."""
    if (place / f"{name}.packages.json").exists():
        return True
    found = {path.name for path in place.iterdir()} if place.is_dir() else {"a file"}
    others = {file for file in found if not file.startswith(f"{name}-")}
    return not found or others == {f"{name}.xml"}
