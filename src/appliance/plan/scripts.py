"""The steps that run the author's scripts: where each section stands in a build."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.layout.complete import USUAL_DISK
from appliance.layout.contents import mount_points, shown_uuid
from appliance.layout.fstab import fstab
from appliance.layout.model import DiskLayout
from appliance.layout.storage import Filesystem, Storage, Swap, opened
from appliance.recipe.model import Recipe, Script
from appliance.steps import layers_of, left_by
from appliance.steps.minimize_image import MinimizeImage
from appliance.steps.run_before import RunBefore
from appliance.steps.run_script import RunScript
from appliance.steps.script_surroundings import DISKS
from appliance.work.results import Layer, LeftFiles

USUAL_DISKS = ("sda", "vda")  # what scripts write to, whatever disks the image has
FAILURE = ("onerror", "traceback")  # run when a build fails, and only then
MINIMIZER = "image-minimizer"


@dataclass(frozen=True)
class Terms:
    """On which terms all scripts of the author run.

    *network*: that which they have, as work.Jail has it.
    *strict*: whether the failure of any of them ends the build.
    *shown*: the digests of the author's own directories that scripts beside the root see.
    *names*: the names of these directories, where nothing in them has that name.
    *programs*: those that scripts in the root find instead of the image's own, as (name, text).
    *disk_size*: the bytes of the disks that %pre scripts find.
    """

    network: str = "own"
    strict: bool = False
    shown: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    programs: tuple[tuple[str, str], ...] = ()
    disk_size: int = USUAL_DISK


class Scripts:
    """Makes the steps that run the author's scripts, in the order of the file."""

    def __init__(
        self, recipe: Recipe, storage: Storage, layouts: Sequence[DiskLayout], terms: Terms
    ) -> None:
        self.recipe, self.storage, self.terms = recipe, storage, terms
        self.devices = scratch_devices(layouts)

    def before(self) -> list[RunBefore]:
        """Return the step of all %pre, if there are any. What they leave in /tmp is kept, for
        scripts that run beside the root."""
        scripts = [
            self._step(script, f"pre-{number}", (), ())
            for number, script in enumerate(self._of("pre"), start=1)
        ]
        if not scripts:
            return []
        disks, devices = _disks_before(self.recipe)
        own = tuple(replace(one, devices=devices) for one in scripts)
        return [RunBefore("pre", own, tuple((name, self.terms.disk_size) for name in disks))]

    @property
    def files(self) -> tuple[LeftFiles, ...]:
        """The results with the files that %pre scripts leave in /tmp; none without such scripts."""
        return left_by(self.before())

    def on_empty_root(self) -> list[RunScript]:
        """Return the steps of %pre-install, above a root that holds mount points and /etc/fstab and
        no more."""
        scripts = self._of("pre-install")
        if not scripts:
            return []
        steps = [RunScript("mounts", (), mounts(self.storage), "/bin/sh", outside=True)]
        for number, script in enumerate(scripts, start=1):
            name = f"pre-install-{number}"
            steps.append(self._step(script, name, layers_of(steps), self.files))
        return steps

    def after(self, below: tuple[Layer, ...]) -> list[RunScript | MinimizeImage]:
        """Return the steps of %post, in the finished root or beside it; *below* are the layers
        before them."""
        steps: list[RunScript | MinimizeImage] = []
        for number, script in enumerate(self._of("post"), start=1):
            name, layers = f"post-{number}", (*below, *layers_of(steps))
            if script.interpreter == MINIMIZER:
                steps.append(MinimizeImage(name, layers, script.body, script.where))
            else:
                steps.append(self._step(script, name, layers, self.files))
        return steps

    def on_failure(self) -> list[RunScript]:
        """Return the steps of %onerror and %traceback, whose results nothing needs."""
        return [
            self._step(script, f"{kind}-{number}", (), ())
            for kind in FAILURE
            for number, script in enumerate(self._of(kind), start=1)
        ]

    def _of(self, section: str) -> list[Script]:
        return [script for script in self.recipe.scripts if script.section == section]

    def _step(
        self, script: Script, name: str, below: tuple[Layer, ...], files: tuple[LeftFiles, ...]
    ) -> RunScript:
        return RunScript(
            name=name,
            after=below,
            body=script.body,
            interpreter=script.interpreter,
            network=self.terms.network,
            outside=not script.chroot,
            strict=script.error_on_fail or self.terms.strict,
            log=script.log,
            where=script.where,
            section=script.section,
            files=() if script.chroot else files,
            devices=self.devices,
            variables=self.recipe.variables,
            secrets=self.recipe.secrets,
            shown=() if script.chroot else self.terms.shown,
            called=() if script.chroot else called(script.body, self.terms.names),
            programs=self.terms.programs if script.chroot else (),
        )


def called(body: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return those of *names* that the script *body* uses as the first part of a relative path:
    `files/shop.py` where it could say `shop.py`."""
    return tuple(
        name for name in names if re.search(rf"(?<![\w./-])(\./)?{re.escape(name)}/", body)
    )


def _disks_before(recipe: Recipe) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the disks that a %pre finds: those that *recipe* names, or the usual ones; and what is
    in its /dev: these, and files for the partitions that it is to make."""
    said = dict.fromkeys((recipe.disk, *(one.disk for one in recipe.volumes)))
    names = tuple(said if set(said) != {Recipe.disk} else USUAL_DISKS)
    partitions = [
        f"{one.disk}{'p' if one.disk[-1].isdigit() else ''}{one.number}"
        for one in recipe.volumes
        if one.number
    ]
    files = dict.fromkeys((*USUAL_DISKS, *partitions), "")
    return names, tuple((files | {name: f"{DISKS}/{name}" for name in names}).items())


def scratch_devices(layouts: Sequence[DiskLayout]) -> tuple[tuple[str, str], ...]:
    """What scripts find in /dev instead of disks: name, and what it links to; empty: a scratch
    file. Every disk of the image, its partitions, and their names by UUID and label."""
    found = dict.fromkeys(USUAL_DISKS, "")
    for layout in layouts:
        name = layout.name.removeprefix("/dev/")
        found[name] = ""
        for slot in layout.slots:
            partition = f"{name}{'p' if name[-1].isdigit() else ''}{slot.number}"
            found[partition] = ""
            held = opened(slot.partition.holds)
            if not isinstance(held, Filesystem | Swap):
                continue
            if shown := shown_uuid(held):
                found[f"disk/by-uuid/{shown}"] = f"../../{partition}"
            if held.label and "/" not in held.label:
                found[f"disk/by-label/{held.label}"] = f"../../{partition}"
    return tuple(sorted(found.items()))


def mounts(storage: Storage) -> str:
    """The shell that makes what an installer has made before it installs packages."""
    places = sorted({path for path in mount_points(storage) if path not in ("", "/")})
    made = "".join(f'mkdir -p "$INSTALL_ROOT"{shlex.quote(path)}\n' for path in places)
    return (
        f'set -eu\nmkdir -p "$INSTALL_ROOT/etc"\n{made}'
        f'printf %s {shlex.quote(fstab(storage))} > "$INSTALL_ROOT/etc/fstab"\n'
    )
