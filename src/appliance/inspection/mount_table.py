"""What an image's fstab says, and which of its filesystems that is (fstab(5))."""

from appliance.inspection.places import Place
from appliance.intake.trees.links import read_followed
from appliance.layout.fstab_reading import MountLine, mount_lines
from appliance.units import MIB
from appliance.work.file_tree import FileTree


def mount_table(tree: FileTree) -> tuple[MountLine, ...]:
    """What /etc/fstab of the *tree* says; nothing if there is none."""
    text = read_followed(tree, "/etc/fstab", MIB).decode("utf-8", "surrogateescape")
    return tuple(mount_lines(text))


def finds(line: MountLine, place: Place) -> bool:
    """Whether the *line* of fstab means the filesystem at *place*."""
    word, _, value = line.source.partition("=")
    value = value.strip('"')
    part, said = place.partition, place.said
    known = {
        "UUID": said.uuid.lower(),
        "LABEL": said.label,
        "PARTUUID": part.uuid if part and not place.volume else "",
        "PARTLABEL": part.name if part and not place.volume else "",
    }
    if word in known:
        wanted = value.lower() if word.endswith("UUID") else value
        return bool(wanted) and known[word] == wanted
    return line.source in _devices(place)


def _devices(place: Place) -> tuple[str, ...]:
    """What the system may call the device of *place*."""
    group, _, name = place.volume.partition("/")
    if place.volume:
        mapped = f"{group.replace('-', '--')}-{name.replace('-', '--')}"
        return f"/dev/{place.volume}", f"/dev/mapper/{mapped}"
    uuid = place.said.uuid.lower()
    named = (f"/dev/disk/by-uuid/{uuid}",) if uuid else ()
    return (*named, f"/dev/mapper/luks-{place.container}") if place.container else named
