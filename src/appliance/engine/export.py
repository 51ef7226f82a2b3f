"""Hand the finished appliance over: a directory that appears whole or not at all."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.backends import launchers
from appliance.backends.package_managers.model import Lock
from appliance.bundle import manifest
from appliance.bundle.model import Artifact, Bundle, Machine, Package
from appliance.engine.build import disk_sizes
from appliance.engine.store import Store, full_disk_told
from appliance.errors import HostError, RequestError
from appliance.host import trees
from appliance.plan.make import Target, firmware, lay_out
from appliance.plan.model import Plan
from appliance.recipe.model import Recipe

LOG = "build.log"


@dataclass(frozen=True)
class Finished:
    """A build whose images are in the store."""

    recipe: Recipe
    lock: Lock
    plan: Plan
    target: Target
    notes: tuple[str, ...]

    def files(self) -> dict[str, str]:
        """The name of each image's file, by the result that it is."""
        layouts = lay_out(self.recipe, self.target)
        return {
            result: f"{self.recipe.name}-{layout.name}.{self.target.disk_format}"
            for layout, result in zip(layouts, self.plan.targets, strict=True)
        }


def describe(finished: Finished, sums: dict[str, str]) -> Bundle:
    """Say what a finished build hands over; *sums* are its images' SHA-256 by result."""
    recipe, lock, plan, target = finished.recipe, finished.lock, finished.plan, finished.target
    layouts, sizes = lay_out(recipe, target), disk_sizes(plan)
    artifacts = tuple(
        Artifact(
            disk=layout.name,
            path=finished.files()[result],
            disk_format=target.disk_format,
            size=sizes[result],
            sha256=sums[result],
        )
        for layout, result in zip(layouts, plan.targets, strict=True)
    )
    return Bundle(
        name=recipe.name,
        version="1.0",
        release="1",
        family=lock.family,
        family_release=lock.release,
        clock=plan.clock,
        plan_digest=plan.digest(),
        machine=Machine(
            memory=target.memory,
            cpus=target.cpus,
            interfaces=max(1, len(recipe.settings.interfaces)),
        ),
        firmware=firmware(layouts[0]) if recipe.boot_loader.enabled else (),
        artifacts=artifacts,
        packages=tuple(
            Package(item.name, item.version, item.architecture, item.sha256, item.size,
                    item.repository)
            for item in lock.packages
        ),
        notes=finished.notes,
    )  # fmt: skip


def export(finished: Finished, store: Store, output: Path, log: Path) -> Path:
    """Write the appliance to the directory OUTPUT/NAME and return it.

    One that is there already is exchanged for the new one and then removed; a directory of that
    name that no build made is left alone, with a RequestError.
    """
    name, digests = finished.recipe.name, finished.plan.digests()
    place = output / name
    check_place(place, name)
    with full_disk_told(output), _draft(output, name) as draft:
        with ThreadPoolExecutor() as pool:  # copying and hashing at the same time
            copies = [
                pool.submit(trees.copy, store.data(digests[result]), draft / file)
                for result, file in finished.files().items()
            ]
            sums = {result: store.sha256(digests[result]) for result in finished.plan.targets}
            for copy in copies:
                copy.result()
        bundle = describe(finished, sums)
        texts = {manifest.packages_file(bundle): manifest.packages_text(bundle)}
        for launcher in launchers.KNOWN.values():
            if not launcher.refuses(
                firmware=bundle.firmware, disk_format=finished.target.disk_format
            ):
                texts[launcher.file_name(bundle)] = launcher.text(bundle)
        for file, text in texts.items():
            (draft / file).write_text(text)
        listed = {file: trees.sha256(draft / file) for file in texts}
        listed |= {artifact.path: artifact.sha256 for artifact in bundle.artifacts}
        (draft / manifest.SUMS).write_text(manifest.sums_text(listed))
        trees.copy(log, draft / LOG)
        trees.exchange(draft, place)
    return place


def check_place(place: Path, name: str) -> None:
    """Refuse to replace what is not an appliance of ours."""
    if not place.exists():
        return
    if not (place / f"{name}.packages.json").exists():
        raise RequestError(
            f"{place} exists, and no build made it", hint="-o DIR, or move it out of the way"
        )


@contextmanager
def _draft(output: Path, name: str) -> Iterator[Path]:
    """Lend a directory beside the place; what builds that were killed left there goes away."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        for old in output.glob(f".{name}.*.part"):
            if not Path("/proc", old.name.split(".")[-2]).exists():
                trees.remove(old)
        draft = output / f".{name}.{os.getpid()}.part"
        draft.mkdir()
    except OSError as error:
        raise HostError(
            f"{output} cannot be written to: {error.strerror}", hint="-o DIR"
        ) from error
    try:
        yield draft
    finally:
        trees.remove(draft)
