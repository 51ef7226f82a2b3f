"""Volume groups and logical volumes, as `volgroup` and `logvol` ask for them."""

import re
from collections.abc import Sequence

from appliance.errors import RecipeError
from appliance.filesystem_facts import SWAP
from appliance.recipe.reading.encryption import encryption
from appliance.recipe.reading.findings import AbsentError, Findings, Said
from appliance.recipe.reading.storage import WITHOUT_MOUNT, filesystem_named, mounted, sizes
from appliance.recipe.volumes import LogicalVolume, Volume, VolumeGroup
from appliance.units import KIB, MIB

# lvm(8), "VALID NAMES"; a name like an option or a path would be something else.
NAME = re.compile(r"(?!\.\.?$)[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}")
KEPT_NAMES = ("snapshot", "pvmove")
EXTENT = 4096  # KiB, if no line says another size
WHOLE = 100  # percent


def volume_groups(
    groups: Sequence[Said],
    volumes: Sequence[Said],
    findings: Findings,
    *,
    partitions: Sequence[Volume],
    passphrase: str = "",
) -> tuple[VolumeGroup, ...]:
    """Return the groups in the order of their lines, each with its logical volumes in theirs.

    A second line for the same mount point or name replaces the first. *passphrase* is the source
    of those that no line has.
    """
    plain = [said for said in volumes if not said.values.thin_pool]
    _note_thin(volumes, findings)
    made = findings.each(lambda said: logical_volume(said, passphrase), plain)
    known = [each for each in findings.each(_named, groups) if each]
    for said, _ in made:
        if said.values.vgname not in known:
            findings.absent(
                f"logvol {said.values.name}: there is no volume group {said.values.vgname}",
                said.where,
                f"volgroup {said.values.vgname} pv.01",
            )
    members = [volume.member for volume in partitions if volume.member.startswith("pv.")]
    found = findings.each(lambda said: group_of(said, made, members, findings), groups)
    taken: dict[str, VolumeGroup] = {}
    for group in found:
        if group.name in taken:
            findings.problem(
                f"volgroup {group.name}: that of {taken[group.name].where} has the same name",
                group.where,
                "another name",
            )
        taken[group.name] = group
    return tuple(taken.values())


def _note_thin(volumes: Sequence[Said], findings: Findings) -> None:
    """Say what becomes of thin pools, and of the volumes in them."""
    for said in volumes:
        if said.values.thin_pool:
            text = f"logvol {said.values.name}: no thin pool is made, its volumes are plain ones"
            findings.note(text, said.where)
        elif said.values.thin_volume:
            text = f"logvol {said.values.name}: a plain volume, which has all of its size at once"
            findings.note(text, said.where)


def _named(said: Said) -> str:
    name = str(said.values.vgname)
    if not NAME.fullmatch(name):
        raise RecipeError(f"'{name}' cannot be the name of a volume group", where=said.where)
    return name


def group_of(
    said: Said,
    volumes: Sequence[tuple[Said, LogicalVolume]],
    members: Sequence[str],
    findings: Findings,
) -> VolumeGroup:
    """Return the group of one `volgroup` line. Raises RecipeError."""
    values, name = said.values, _named(said)
    for member in values.physvols:
        if member not in members:
            raise AbsentError(
                f"volgroup {name}: no partition is called {member}",
                where=said.where,
                hint=f"part {member} --size=2048 --grow",
            )
    if not values.physvols:
        raise RecipeError(f"volgroup {name} has no physical volume", where=said.where, hint="pv.01")
    chosen: dict[str, LogicalVolume] = {}
    for line, volume in volumes:
        if line.values.vgname != name:
            continue
        alike = [
            old
            for old, item in chosen.items()
            if old == volume.name
            or (item.volume.mount_point and item.volume.mount_point == volume.volume.mount_point)
        ]
        for old in alike:
            where = chosen.pop(old).volume.where
            findings.note(f"logvol {volume.name} replaces that of {where}", line.where)
        chosen[volume.name] = volume
    if sum(item.percent for item in chosen.values()) > WHOLE:
        raise RecipeError(
            f"the logical volumes of {name} ask for more than 100 %", where=said.where
        )
    extent = (values.pesize or EXTENT) * KIB
    if extent & (extent - 1) or extent < KIB:
        raise RecipeError(
            f"volgroup {name}: --pesize={values.pesize} is no power of two",
            where=said.where,
            hint="--pesize=4096, in KiB",
        )
    return VolumeGroup(
        name=name,
        members=tuple(values.physvols),
        volumes=tuple(chosen.values()),
        where=said.where,
        extent_size=extent,
        reserved=(values.reserved_space or 0) * MIB,
        reserved_percent=values.reserved_percent or 0,
    )


def logical_volume(said: Said, passphrase: str = "") -> tuple[Said, LogicalVolume]:
    """Return what one `logvol` line asks for; sizes there are MiB. Raises RecipeError."""
    values = said.values
    name = values.name or ""
    if not NAME.fullmatch(name) or name.startswith(KEPT_NAMES):
        raise RecipeError(
            f"'{name}' cannot be the name of a logical volume", where=said.where, hint="--name=root"
        )
    percent = values.percent or 0
    if not 0 <= percent <= WHOLE:
        raise RecipeError(f"logvol {name}: --percent is from 1 to 100", where=said.where)
    word, wanted = values.mountpoint, filesystem_named(said)
    mount_point, filesystem = "", SWAP
    if word not in WITHOUT_MOUNT and wanted not in WITHOUT_MOUNT:
        mount_point, filesystem = mounted(word, wanted, said)
    elif SWAP not in (word, wanted):
        raise RecipeError(f"{word} belongs on a partition", where=said.where, hint=f"part {word}")
    size, maximum = sizes(said, needed=True)
    volume = Volume(
        mount_point=mount_point,
        filesystem=filesystem,
        size=size,
        disk="",
        where=said.where,
        grow=bool(values.grow),
        maximum=maximum,
        label=values.label or "",
        mount_options=values.fsopts or "",
        make_options=values.mkfsopts or "",
        recommended=bool(values.recommended or values.hibernation),
        hibernation=bool(values.hibernation),
        encryption=encryption(said, passphrase),
    )
    return said, LogicalVolume(name, volume, percent)
