"""btrfs and its subvolumes, as `btrfs` asks for them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from appliance.errors import RecipeError
from appliance.recipe.reading.findings import AbsentError, Findings, Said
from appliance.recipe.reading.storage import mounted
from appliance.recipe.volumes import BtrfsVolume, Subvolume, Volume

NOWHERE = ("", "none")
NAME = re.compile(r"(?!\.\.?($|/))[A-Za-z0-9@._+-]+(/(?!\.\.?($|/))[A-Za-z0-9@._+-]+)*")
SINGLE = ("", "single", "dup")
LEVELS = {"--data": "dataLevel", "--metadata": "metaDataLevel"}


def btrfs_volumes(
    said: Sequence[Said], findings: Findings, *, partitions: Sequence[Volume]
) -> tuple[BtrfsVolume, ...]:
    """Return the filesystems in the order of their lines, each with its subvolumes in theirs."""
    wholes = [each for each in said if not each.values.subvol]
    made = findings.each(lambda one: _volume(one, partitions), wholes)
    parts: dict[str, list[Subvolume]] = {}
    for line in (each for each in said if each.values.subvol):
        for found in findings.each(lambda one: _subvolume(one, made), [line]):
            label, part = found
            parts.setdefault(label, []).append(part)
    return tuple(
        replace(whole, subvolumes=_last_of_each(parts.get(whole.member, ()), findings))
        for whole in made
    )


def _volume(said: Said, partitions: Sequence[Volume]) -> BtrfsVolume:
    values = said.values
    if len(values.devices) != 1:
        raise RecipeError(
            "btrfs over several partitions is not for an image of one disk",
            where=said.where,
            hint="one part btrfs.01 line",
        )
    held = [volume for volume in partitions if volume.member == values.devices[0]]
    if not held:
        raise AbsentError(
            f"btrfs: no partition is called {values.devices[0]}",
            where=said.where,
            hint=f"part {values.devices[0]} --size=2048 --grow",
        )
    for option, name in LEVELS.items():
        level = getattr(values, name) or ""
        if level not in SINGLE:
            raise RecipeError(
                f"btrfs {option}={level}: one partition holds one copy of each",
                where=said.where,
                hint=f"{option}=single",
            )
    point = "" if values.mountpoint in NOWHERE else mounted(values.mountpoint, "btrfs", said)[0]
    options = " ".join(
        word
        for word in (
            values.mkfsopts or held[0].make_options,
            f"-d {values.dataLevel}" if values.dataLevel else "",
            f"-m {values.metaDataLevel}" if values.metaDataLevel else "",
        )
        if word
    )
    return BtrfsVolume(
        label=values.label or held[0].label,
        member=values.devices[0],
        where=said.where,
        mount_point=point,
        mount_options=held[0].mount_options,
        make_options=options,
    )


def _subvolume(said: Said, volumes: Sequence[BtrfsVolume]) -> tuple[str, Subvolume]:
    """Return the member of the filesystem that a subvolume belongs to, and the subvolume."""
    values = said.values
    parent = (values.devices or [""])[0].removeprefix("LABEL=")
    found = [each for each in volumes if parent in (each.label, each.member)]
    if not found:
        raise AbsentError(
            f"btrfs: no filesystem has the label {parent}",
            where=said.where,
            hint=f"btrfs none --label={parent} btrfs.01",
        )
    if not NAME.fullmatch(values.name or ""):
        raise RecipeError(
            f"'{values.name}' cannot be the name of a subvolume",
            where=said.where,
            hint="--name=root",
        )
    point = mounted(values.mountpoint, "btrfs", said)[0]
    return found[0].member, Subvolume(values.name, point, said.where)


def _last_of_each(parts: Sequence[Subvolume], findings: Findings) -> tuple[Subvolume, ...]:
    chosen: dict[str, Subvolume] = {}
    for part in parts:
        for old in [key for key, item in chosen.items() if item.mount_point == part.mount_point]:
            text = f"btrfs {part.mount_point} replaces that of {chosen.pop(old).where}"
            findings.note(text, part.where)
        if part.name in chosen:
            findings.problem(f"btrfs: a second subvolume {part.name}", part.where, "another name")
        chosen[part.name] = part
    return tuple(chosen.values())
