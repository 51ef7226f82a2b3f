"""The text of /etc/fstab: every volume by UUID (fstab(5))."""

from collections.abc import Iterable

from appliance.layout.identity import fat_id, stable_uuid
from appliance.recipe.volumes import Volume

ESP_OPTIONS = "umask=0077,shortname=winnt"
FAT = ("vfat", "efi")


def filesystem_uuid(recipe: str, volume: Volume) -> str:
    """The identity of the filesystem on *volume*; swap spaces are told apart by their line."""
    return stable_uuid(recipe, "filesystem", volume.disk, volume.name)


def source(recipe: str, volume: Volume) -> str:
    """How fstab and the kernel name the filesystem on *volume*."""
    identity = filesystem_uuid(recipe, volume)
    return f"UUID={fat_id(identity) if volume.filesystem in FAT else identity}"


def fstab(recipe: str, volumes: Iterable[Volume]) -> str:
    """Write the table: by mount point, swap last."""
    lines = ["# Made by appliance-tools from the kickstart's `part` lines; see fstab(5)."]
    mounted = [volume for volume in volumes if volume.mount_point]
    for volume in sorted(mounted, key=lambda volume: volume.mount_point):
        default = ESP_OPTIONS if volume.filesystem == "efi" else "defaults"
        kind = "vfat" if volume.filesystem in FAT else volume.filesystem
        check = 1 if volume.mount_point == "/" else 2
        options = volume.mount_options or default
        lines.append(f"{source(recipe, volume)} {volume.mount_point} {kind} {options} 0 {check}")
    for volume in volumes:
        if volume.filesystem == "swap":
            options = volume.mount_options or "defaults"
            lines.append(f"{source(recipe, volume)} none swap {options} 0 0")
    return "\n".join(lines) + "\n"
