"""Disks, partitions and the boot loader, as `part`, `clearpart` and `bootloader` ask for them."""

from collections.abc import Sequence

from appliance.errors import RecipeError
from appliance.recipe.findings import Findings, Said
from appliance.recipe.volumes import BootLoader, Volume
from appliance.units import MIB

FILESYSTEMS = ("ext4", "vfat", "efi", "swap", "biosboot")
WITHOUT_MOUNT = ("swap", "biosboot")  # they stand where others have their mount point
EFI_MOUNT = "/boot/efi"
FIRST_DISK = "sda"
TABLES = {"gpt": "gpt", "msdos": "dos", "mbr": "dos"}
LARGEST = 2**44  # MiB; 16 EiB, more than any table can describe
EXAMPLE = "part / --size=2048 --grow"


def volumes(said: Sequence[Said], findings: Findings) -> tuple[Volume, ...]:
    """Return the partitions in the order of their lines.

    A second line for the same mount point replaces the first with all its options, and counts
    where it stands itself: scripts know partitions by number.
    """
    chosen: dict[str, Volume] = {}
    for volume in findings.each(volume_of, said):
        old = chosen.pop(volume.name, None)
        if old and volume.filesystem == "swap":
            findings.problem("a second swap partition", volume.where, "make the first larger")
        elif old:
            findings.note(f"part {volume.name} replaces that of {old.where}", volume.where)
        chosen[volume.name] = volume
    return tuple(chosen.values())


def expect_root(said: Sequence[Said], findings: Findings) -> None:
    """Add a problem if no line asks for a root partition."""
    if not any(each.values.mountpoint == "/" for each in said):
        findings.problem("there is no root partition", said[-1].where if said else None, EXAMPLE)


def volume_of(said: Said) -> Volume:
    """Return what one `part` line asks for; sizes there are MiB. Raises RecipeError."""
    part = said.values
    mount_point, filesystem = place(said)
    if part.size is None and not part.grow:
        raise RecipeError(
            f"part {part.mountpoint} has no size", hint="--size=MIB or --grow", where=said.where
        )
    size, maximum = part.size or 0, part.maxSizeMB or 0
    if not 0 <= size <= LARGEST or not 0 <= maximum <= LARGEST or (size == 0 and not part.grow):
        raise RecipeError(
            f"part {part.mountpoint} cannot have this size", hint="--size=MIB", where=said.where
        )
    if maximum and maximum < size:
        raise RecipeError(
            f"part {part.mountpoint}: --maxsize is less than --size", where=said.where
        )
    return Volume(
        mount_point=mount_point,
        filesystem=filesystem,
        size=size * MIB,
        disk=(part.disk or FIRST_DISK).removeprefix("/dev/"),
        where=said.where,
        grow=bool(part.grow),
        maximum=maximum * MIB,
        label=part.label or "",
        mount_options=part.fsopts or "",
        make_options=part.mkfsopts or "",
        primary=bool(part.primOnly),
    )


def place(said: Said) -> tuple[str, str]:
    """Return the mount point and the filesystem; raise RecipeError if they do not go together."""
    word, wanted = said.values.mountpoint, said.values.fstype or ""
    if wanted and wanted not in FILESYSTEMS:
        raise RecipeError(
            f"unknown filesystem '{wanted}'", hint=", ".join(FILESYSTEMS), where=said.where
        )
    if word in WITHOUT_MOUNT:
        if wanted not in ("", word):
            raise RecipeError(f"{word} cannot be {wanted}", hint=f"part {word}", where=said.where)
        return "", word
    if not word.startswith("/") or any(letter.isspace() for letter in word):
        raise RecipeError(
            f"'{word}' is not a mount point",
            hint=f"a path, or one of: {', '.join(WITHOUT_MOUNT)}",
            where=said.where,
        )
    if wanted in WITHOUT_MOUNT:
        raise RecipeError(
            f"{wanted} cannot be mounted at {word}", hint=f"part {wanted}", where=said.where
        )
    if word == EFI_MOUNT:
        if wanted not in ("", "efi", "vfat"):
            raise RecipeError(
                f"{EFI_MOUNT} cannot be {wanted}", hint="--fstype=efi", where=said.where
            )
        return word, "efi"
    return word, wanted or "ext4"


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


def boot_loader(said: Sequence[Said]) -> BootLoader:
    """Return what all `bootloader` lines say together. Raises RecipeError."""
    if not said:
        return BootLoader()
    values = said[-1].values
    for each in said:
        if each.values.location in ("partition", "boot"):
            raise RecipeError(
                f"bootloader --location={each.values.location}: there is no other loader before it",
                hint="--location=mbr",
                where=each.where,
            )
        if (each.values.timeout or 0) < 0:
            raise RecipeError("bootloader --timeout is seconds, from 0", where=each.where)
    return BootLoader(
        enabled=not values.disabled and values.location != "none",
        timeout=BootLoader.timeout if values.timeout is None else values.timeout,
        append=values.appendLine or "",
    )
