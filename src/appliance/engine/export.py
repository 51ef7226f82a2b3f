"""Hand the finished appliance over: a directory that appears whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.backends import launchers
from appliance.backends.package_managers.model import Lock
from appliance.bundle import manifest
from appliance.bundle.model import Artifact, Bundle, Machine, Package
from appliance.engine.build import disk_sizes
from appliance.engine.store import Store, full_disk_explained
from appliance.errors import HostError, RequestError
from appliance.host import trees
from appliance.plan.make import Target, firmware, lay_out
from appliance.plan.model import Plan
from appliance.recipe.model import Recipe

LOG = "build.log"


def describe(
    recipe: Recipe, lock: Lock, plan: Plan, target: Target, store: Store, notes: tuple[str, ...]
) -> Bundle:
    """Say what a finished build hands over; its images are in *store*."""
    digests, sizes = plan.digests(), disk_sizes(plan)
    layouts = lay_out(recipe, target)
    artifacts = tuple(
        Artifact(
            disk=layout.name,
            path=f"{recipe.name}-{layout.name}.{target.disk_format}",
            disk_format=target.disk_format,
            size=sizes[name],
            sha256=store.sha256(digests[name]),
        )
        for layout, name in zip(layouts, plan.targets, strict=True)
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
        notes=notes,
    )  # fmt: skip


def export(bundle: Bundle, images: list[Path], output: Path, log: Path) -> Path:
    """Write *bundle* to the directory OUTPUT/NAME and return it.

    One that is there already is exchanged for the new one and then removed; a directory of that
    name that no build made is left alone, with a RequestError.
    """
    place = output / bundle.name
    check_place(place, bundle.name)
    with full_disk_explained(output), _draft(output, bundle.name) as draft:
        texts = {manifest.packages_file(bundle): manifest.packages_text(bundle)}
        for launcher in launchers.KNOWN.values():
            texts[launcher.file_name(bundle)] = launcher.text(bundle)
        for name, text in texts.items():
            (draft / name).write_text(text)
        for artifact, image in zip(bundle.artifacts, images, strict=True):
            trees.copy(image, draft / artifact.path)
        sums = {name: trees.sha256(draft / name) for name in texts}
        sums |= {artifact.path: artifact.sha256 for artifact in bundle.artifacts}
        (draft / manifest.SUMS).write_text(manifest.sums_text(sums))
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
