"""What differs between two FAT filesystems, by file name (Microsoft's FAT specification)."""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.difference.spans import Difference, Pair, Span
from appliance.errors import CommandError
from appliance.host import command
from appliance.intake.trees.limits import DamagedError

CHAIN = re.compile(r"^::(.+?)((?: <[\d-]+>)+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class FatMap:
    """Where things are: bytes from the filesystem's beginning, clusters counted from 2."""

    fat: int
    root: int
    data: int
    cluster: int
    root_cluster: int

    def part(self, offset: int) -> str:
        """Name what the byte at *offset* before the data area is for."""
        if offset < self.fat:
            return "boot sector" if offset < 512 else "reserved sectors"
        return "file allocation table" if offset < self.root else "root directory"


def map_of(head: bytes) -> FatMap:
    """Understand a FAT boot sector; raises DamagedError for one that describes no clusters."""
    if len(head) < 512:
        raise DamagedError("its boot sector is cut off")
    sector, per_cluster, reserved, fats, entries = struct.unpack_from("<HBHBH", head, 11)
    length = struct.unpack_from("<H", head, 22)[0] or struct.unpack_from("<I", head, 36)[0]
    if not sector or not per_cluster:
        raise DamagedError("its clusters have no size")
    root = (reserved + fats * length) * sector
    return FatMap(
        fat=reserved * sector,
        root=root,
        data=root + entries * 32,
        cluster=per_cluster * sector,
        root_cluster=0 if entries else struct.unpack_from("<I", head, 44)[0],
    )


def compare(pair: Pair, place: str, inside: Span, spans: Sequence[Span]) -> list[Difference]:
    """Say which files, or which parts of the filesystem, the differing *spans* belong to."""
    left, right = (map_of(head) for head in pair.read(inside.start, 512))
    if left != right:
        return [Difference(place, "layout", "the filesystems' clusters cannot be compared")]
    owners = {left.root_cluster: "root directory"} if left.root_cluster else {}
    for path, at in reversed(pair.places(inside)):
        owners |= _owners(f"{path}@@{at.start}")
    first: dict[str, Span] = {}
    counts: dict[str, int] = {}
    for span in spans:
        for sector in span.units(512):
            offset = sector * 512 - inside.start
            number = (offset - left.data) // left.cluster + 2
            what = left.part(offset) if offset < left.data else owners.get(number, "free space")
            counts[what] = counts.get(what, 0) + 1
            first.setdefault(what, Span(sector * 512, sector * 512 + 512))
    return [
        Difference(place, f"{what}: {count} sectors", *pair.excerpt(first[what]))
        for what, count in counts.items()
    ]


def _owners(image: str) -> dict[int, str]:
    """The file or directory of each cluster, as mtools see it."""
    try:
        listed = command.run(["mdir", "-/", "-a", "-b", "-i", image, "::/"]).splitlines()
        names = [line.rstrip("/") for line in listed if line.startswith("::/")]
        said = command.run(["mshowfat", "-i", image, *names]) if names else ""
    except CommandError:  # mdir calls an empty disk an error; a broken one has no files either
        return {}
    found: dict[int, str] = {}
    for name, chain in CHAIN.findall(said):
        for first, last in re.findall(r"<(\d+)(?:-(\d+))?>", chain):
            found |= dict.fromkeys(range(int(first), int(last or first) + 1), f"file {name}")
    return found
