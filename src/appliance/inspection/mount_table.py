"""What an image's fstab says, and which of its filesystems that is (fstab(5))."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from appliance.filesystem_facts import BTRFS
from appliance.inspection.places import Place
from appliance.intake.trees.links import read_followed
from appliance.units import MIB
from appliance.work.file_tree import FileTree

MOST_LINES = 1000
ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class MountLine:
    """A line of fstab.

    *source*: which filesystem, by UUID, label or device.
    *point*: where it is mounted.
    *kind*: its type, as mount takes it.
    *options*: how it is mounted.
    """

    source: str
    point: str
    kind: str
    options: str

    @property
    def subvolume(self) -> str:
        """The subvolume of btrfs that is mounted; empty for the whole."""
        if self.kind != BTRFS:
            return ""
        said = [each for each in self.options.split(",") if each.startswith("subvol=")]
        return said[-1].removeprefix("subvol=") if said else ""


def mount_table(tree: FileTree) -> tuple[MountLine, ...]:
    """What /etc/fstab of the *tree* says; nothing if there is none."""
    text = read_followed(tree, "/etc/fstab", MIB).decode("utf-8", "surrogateescape")
    return tuple(_lines(text))


def _lines(text: str) -> Iterator[MountLine]:
    for line in text.splitlines()[:MOST_LINES]:
        words = line.split()
        if len(words) >= 3 and not words[0].startswith("#"):
            source, point, kind = (_unescaped(word) for word in words[:3])
            yield MountLine(source, point, kind, words[3] if len(words) > 3 else "defaults")


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


def _unescaped(word: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 8)), word)
