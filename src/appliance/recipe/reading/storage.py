"""Disks and partitions, as `part` and `clearpart` ask for them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from appliance.errors import RecipeError
from appliance.filesystem_facts import BIOS_BOOT, EFI, HELD, LVM, PREP, SWAP, USUAL, facts
from appliance.recipe.before import Decided
from appliance.recipe.reading import made
from appliance.recipe.reading.encryption import encryption
from appliance.recipe.reading.findings import Findings, Said
from appliance.recipe.volumes import BootSettings, MemoryVolume, Volume
from appliance.units import MIB

WITHOUT_MOUNT = (SWAP, BIOS_BOOT, PREP)  # they stand where others have their mount point
WORDS = tuple(name for name in HELD if HELD[name].mounted_as or name in WITHOUT_MOUNT)
ALIASES = {alias: row.name for row in HELD.values() for alias in row.aliases}
MEMORY = "tmpfs"
ON_DISK = ("", "boot", "etc", "usr")  # what the system starts from
MEMBERS = {"pv": LVM, "btrfs": "btrfs"}
MEMBER = re.compile(r"(?P<kind>pv|btrfs|raid)\.[A-Za-z0-9_.-]+")
EFI_MOUNT = "/boot/efi"
FIRST_DISK = "sda"
STARTED = (BIOS_BOOT, EFI, *HELD[EFI].aliases, EFI_MOUNT)  # from these on a GPT
TABLES = {"gpt": "gpt", "msdos": "dos", "mbr": "dos", "dos": "dos"}
LARGEST = 2**44  # MiB; 16 EiB, more than any table can describe
EXAMPLE = "part / --size=2048 --grow"
UNUSABLE = re.compile(r"[^A-Za-z0-9_.+-]+")  # in the name of a disk's file


@dataclass(frozen=True)
class Terms:
    """What holds for all partitions.

    *passphrase*: the source of the passphrases that no line has.
    *disk*: the disk of those whose line names none.
    *decided*: what the %pre scripts made; None if they did not run yet.
    """

    passphrase: str = ""
    disk: str = FIRST_DISK
    decided: Decided | None = None


NOTHING_SAID = Terms()


def elsewhere(said: Mapping[str, Sequence[Said]]) -> dict[str, Said]:
    """Return the lines that mount what is no partition itself, by their mount points."""
    lines = (each for word in ("logvol", "btrfs") for each in said.get(word, ()))
    return {each.values.mountpoint: each for each in lines}


def volumes(
    said: Sequence[Said],
    findings: Findings,
    terms: Terms = NOTHING_SAID,
    mounted_elsewhere: Mapping[str, Said] = MappingProxyType({}),
) -> tuple[Volume, ...]:
    """Return the partitions in the order of their lines, but first those that a %pre made.

    A second line for the same mount point replaces the first with all its options, and counts
    where it stands itself: scripts know partitions by number. There may be several swaps. As in
    Anaconda, where partitions come first, one whose mount point a line of *mounted_elsewhere* has
    gives way to it, wherever that stands.
    """
    chosen: dict[str, Volume] = {}
    lines = [one for one in said if one.values.fstype != MEMORY]
    for volume in findings.each(lambda one: volume_of(one, terms), lines):
        key = volume.name
        if volume.filesystem == SWAP:
            key = f"swap {volume.where}"
        elif old := chosen.pop(key, None):
            findings.note(f"part {volume.name} replaces that of {old.where}", volume.where)
        chosen[key] = volume
    for path, line in mounted_elsewhere.items():
        if path.startswith("/") and (old := chosen.pop(path, None)):
            findings.note(f"{line.command} {path} replaces the part of {old.where}", line.where)
    tables = terms.decided.tables if terms.decided else {}
    return made.with_others(tuple(chosen.values()), tables)


def selected_disk(said: Sequence[Said]) -> str:
    """Return the disk that `ignoredisk --only-use` selects; of several the first, as without any
    line the first disk."""
    chosen = [one.values.onlyuse for one in said if one.values.onlyuse]
    return disk_name(chosen[-1][0]) if chosen else FIRST_DISK


def in_memory(said: Sequence[Said], findings: Findings) -> tuple[MemoryVolume, ...]:
    """Return the filesystems in memory; of two for one mount point the last."""
    lines = [one for one in said if one.values.fstype == MEMORY]
    found = findings.each(_in_memory, lines)
    return tuple({volume.mount_point: volume for volume in found}.values())


def _in_memory(said: Said) -> MemoryVolume:
    """Return what one line asks for. Raises RecipeError."""
    mount_point, _ = mounted(said.values.mountpoint, MEMORY, said)
    if mount_point.split("/")[1] in ON_DISK:
        raise RecipeError(
            f"{mount_point} cannot be {MEMORY}: it would be empty", hint=EXAMPLE, where=said.where
        )
    size, _ = sizes(said, needed=False)
    return MemoryVolume(mount_point, size, said.where, said.values.fsopts or "")


def expect_root(said: Mapping[str, Sequence[Said]], findings: Findings) -> None:
    """Add a problem if no line asks for a root."""
    lines = [each for word in ("part", "logvol", "btrfs") for each in said.get(word, ())]
    if said.get("autopart") or any(each.values.mountpoint == "/" for each in lines):
        return
    findings.absent("there is no root partition", lines[-1].where if lines else None, EXAMPLE)


def volume_of(said: Said, terms: Terms = NOTHING_SAID) -> Volume:
    """Return what one `part` line asks for; sizes there are MiB. Raises RecipeError."""
    part = said.values
    member, mount_point, filesystem = place(said)
    there, number = made.named(said)
    needed = not member and filesystem not in WITHOUT_MOUNT and not there
    size, maximum = sizes(said, needed=needed)
    volume = Volume(
        mount_point=mount_point,
        filesystem=filesystem,
        size=size,
        disk=there or (disk_name(part.disk) if part.disk else terms.disk),
        where=said.where,
        grow=bool(part.grow),
        maximum=maximum,
        label=part.label or "",
        mount_options=part.fsopts or "",
        make_options=part.mkfsopts or "",
        primary=bool(part.primOnly),
        member=member,
        recommended=bool(part.recommended or part.hibernation),
        hibernation=bool(part.hibernation),
        encryption=encryption(said, terms.passphrase),
        number=number,
    )
    if not there or terms.decided is None:
        return replace(volume, grow=False) if there else volume
    return made.on_made(volume, made.found(said, terms.decided))


def sizes(said: Said, *, needed: bool) -> tuple[int, int]:
    """Return the size and the maximum of a `part` or `logvol` line, in bytes; 0 for none.

    Raises RecipeError for what cannot be, and where there is neither a size nor another way to
    find one (growing, percent, what a firmware needs, what a machine's memory recommends) if one
    is *needed*.
    """
    part = said.values
    what = f"{said.command} {part.mountpoint}"
    others = (part.grow, part.recommended, part.hibernation)
    other = any((*others, *(getattr(part, name, None) for name in ("percent", "onPart"))))
    if not part.size and not other and (needed or part.size is not None or _swap(said)):
        raise RecipeError(f"{what} has no size", hint="--size=MIB or --grow", where=said.where)
    size, maximum = part.size or 0, part.maxSizeMB or 0
    if not 0 <= size <= LARGEST or not 0 <= maximum <= LARGEST:
        raise RecipeError(f"{what} cannot have this size", hint="--size=MIB", where=said.where)
    if maximum and maximum < size:
        raise RecipeError(f"{what}: --maxsize is less than --size", where=said.where)
    return size * MIB, maximum * MIB


def _swap(said: Said) -> bool:
    return SWAP in (said.values.mountpoint, said.values.fstype)


def disk_name(said: str) -> str:
    """Return the name of a disk as a file can have it: /dev/mapper/x and disk/by-id/x are named
    by their last part; the first disk by default."""
    last = said.rstrip("/").rpartition("/")[2]
    return UNUSABLE.sub("-", last) or FIRST_DISK


def place(said: Said) -> tuple[str, str, str]:
    """Return the name as a member of something, the mount point, and the filesystem (empty: the
    distribution's own); raise RecipeError if they do not go together."""
    word = said.values.mountpoint
    found = MEMBER.fullmatch(word)
    if found and found["kind"] == "raid":
        raise RecipeError(
            "software RAID is not for an image of one disk",
            where=said.where,
            hint="one partition without it",
        )
    if found:  # whatever --fstype says, as for Anaconda, which writes lvmpv there
        return word, "", MEMBERS[found["kind"]]
    wanted = filesystem_named(said)
    if word in WITHOUT_MOUNT:
        if wanted not in ("", word):
            raise RecipeError(f"{word} cannot be {wanted}", hint=f"part {word}", where=said.where)
        return "", "", word
    if word in ("None", "none", "") and wanted in WITHOUT_MOUNT:
        return "", "", wanted
    return "", *mounted(word, wanted, said)


def filesystem_named(said: Said) -> str:
    """Return the filesystem that a line names, by its usual name; empty if it names none.

    Raises RecipeError if there is none of that name.
    """
    wanted = said.values.fstype or ""
    wanted = ALIASES.get(wanted, ALIASES.get(wanted.lower(), wanted))
    if wanted and wanted not in WORDS:
        raise RecipeError(f"unknown filesystem '{wanted}'", hint=", ".join(WORDS), where=said.where)
    return wanted


def mounted(word: str, wanted: str, said: Said) -> tuple[str, str]:
    """Return a mount point and its filesystem; raise RecipeError if it can be none."""
    if not word.startswith("/") or any(letter.isspace() for letter in word):
        raise RecipeError(
            f"'{word}' is not a mount point",
            hint=f"a path, or one of: {', '.join(WITHOUT_MOUNT)}, pv.01, btrfs.01",
            where=said.where,
        )
    if wanted in WITHOUT_MOUNT:
        raise RecipeError(
            f"{wanted} cannot be mounted at {word}", hint=f"part {wanted}", where=said.where
        )
    if facts(wanted).read_only and "rw" in (said.values.fsopts or "").split(","):
        raise RecipeError(
            f"nobody can write to {wanted}: --fsoptions={said.values.fsopts}",
            hint=f"--fsoptions=ro, or --fstype={USUAL}",
            where=said.where,
        )
    word = f"/{'/'.join(part for part in word.split('/') if part)}"
    if word == EFI_MOUNT:
        if wanted and facts(wanted).family != facts(EFI).family:
            raise RecipeError(
                f"{EFI_MOUNT} cannot be {wanted}", hint=f"--fstype={EFI}", where=said.where
            )
        return word, EFI
    return word, wanted


def table(said: Sequence[Said], usual: str = "gpt") -> str:
    """Return the kind of partition table, gpt or dos, *usual* (as `--disklabel` says it) if no
    line asks for one; raise RecipeError for any other."""
    for each in said:
        label = each.values.disklabel or usual
        if label not in TABLES:
            raise RecipeError(
                f"unknown partition table '{label}'", hint="gpt, msdos", where=each.where
            )
    return TABLES[(said[-1].values.disklabel if said else "") or usual]


def startable(
    chosen: str, said: Mapping[str, Sequence[Said]], *, loaders: Sequence[BootSettings]
) -> str:
    """Return the partition table *chosen*, but an MBR where nobody asked for a GPT and GRUB could
    not be started from one: a kickstart of the time when an MBR was usual."""
    parts = said.get("part", ())
    words = {word for each in parts for word in (each.values.mountpoint, each.values.fstype)}
    asked = any(each.values.disklabel for each in said.get("clearpart", ()))
    others = asked or said.get("autopart") or said.get("reqpart") or not words.isdisjoint(STARTED)
    loader = loaders[0] if loaders else BootSettings()
    starts = loader.enabled and loader.installed and loader.kind == "grub"
    if chosen != "gpt" or not parts or others or not starts:
        return chosen
    return "dos"
