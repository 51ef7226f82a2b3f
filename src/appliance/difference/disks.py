"""What differs between two disks: the table, what is between partitions, and in each of them."""

import json
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from appliance.difference import ext4, fat, mounted_files
from appliance.difference.spans import Difference, Pair, Span
from appliance.errors import CommandError, HostError, RequestError
from appliance.filesystem_facts import EXT, FAT, HEAD, recognised
from appliance.host import command
from appliance.intake import layers, luks
from appliance.intake.disk_images import raw_of
from appliance.intake.images import Disk
from appliance.intake.layers import USUAL, Means
from appliance.intake.mounted import OPTIONS, Area
from appliance.intake.places import files_in
from appliance.intake.received import disk_at, disks_stated
from appliance.intake.stored_disks import is_disk, stored
from appliance.intake.trees.limits import DamagedError
from appliance.intake.trust import check_file, is_directory
from appliance.units import SECTOR

LOG = ".log"  # tells of one build, with its times: never the same
ENCRYPTED = "encrypted (LUKS), and compared by sectors: --passphrase file:PATH reads what is in it"
SAME_INSIDE = "encrypted (LUKS): what is in it is the same, and encrypted by another key"
FEW = 20  # spans of unknown content that are listed one by one
MBR_PARTS = ((0, 440, "boot code"), (440, 446, "disk id"), (446, 512, "partition table"))
GPT_SECTORS = 34  # protective MBR, header, 32 sectors of entries; 33 of them again at the end
Piece = tuple[int, int]  # the first byte, and how many
Compare = Callable[[Pair, str, Span, Sequence[Span]], list[Difference]]
# What readers of a filesystem raise when its numbers lead nowhere: it may come from anywhere.
BROKEN = (
    DamagedError, ArithmeticError, LookupError, ValueError, OSError, RuntimeError, StopIteration,
    struct.error,
)  # fmt: skip
COMPARERS: dict[str, Compare] = {
    EXT: ext4.compare,
    FAT: fat.compare,
    **dict.fromkeys(OPTIONS, mounted_files.compare),
}


def differences(left: Path, right: Path, means: Means = USUAL) -> list[Difference]:
    """Name everything that differs between two disk images, or two directories with their files.

    Raises RequestError if one is not there or not to be trusted, if they are not two of a kind, or
    if no passphrase of *means* opens what is encrypted; CommandError if an image file is damaged.
    """
    directories = [path for path in (left, right) if is_directory(path)]
    for path in (left, right):
        if path not in directories:
            check_file(path)
    if len(directories) == 1:
        raise RequestError(f"{left} and {right}: one is a directory, the other is not")
    if not directories:
        return _of_images(disk_at(left), disk_at(right), means)
    names = [{path.name for path in files_in(side) if path.suffix != LOG} for side in (left, right)]
    found = [Difference(name, "only in", str(left)) for name in sorted(names[0] - names[1])]
    found += [Difference(name, "only in", "", str(right)) for name in sorted(names[1] - names[0])]
    stated = [disks_stated(side) for side in (left, right)]
    for name in sorted(names[0] & names[1]):
        paths = (left / name, right / name)
        disks = [of.get(path.resolve()) for of, path in zip(stated, paths, strict=True)]
        if any(disks) or is_disk(name):
            pair = [disk or stored(path) for disk, path in zip(disks, paths, strict=True)]
            items = _of_images(pair[0], pair[1], means)
        else:
            items = _of_files(*paths)
        found += [replace(item, place=f"{name}: {item.place}") for item in items]
    return found


def _of_files(left: Path, right: Path) -> list[Difference]:
    pair = Pair(left, right)
    found = _sizes(pair)
    return found + [
        Difference("file", f"bytes {span.start} to {span.end}", *pair.excerpt(span))
        for span in pair.spans()[:1]
    ]


def _of_images(left: Disk, right: Disk, means: Means) -> list[Difference]:
    with TemporaryDirectory(prefix="appliance-") as scratch:
        sides = []
        for name, disk in (("left", left), ("right", right)):
            side = Path(scratch) / name  # e2fsprogs and mtools take some letters of names for words
            side.symlink_to(raw_of(disk, Path(scratch) / f"{name}.disk").absolute())
            sides.append(side)
        found = _of_disks(Pair(sides[0], sides[1], means))
    if not found and not _same_bytes(left.path, right.path):
        found = [Difference("disk", "the same for a guest, but the image files differ")]
    return found


def _of_disks(pair: Pair) -> list[Difference]:
    spans = pair.spans()
    found = _sizes(pair)
    tables = [_table(path) for path in pair.paths]
    if tables[0] != tables[1]:
        found += _table_differences(*tables)
    left, right = (_partitions(table) for table in tables)
    if not left and not right:
        left = right = {"disk": Span(0, min(pair.sizes()))}
    for place in (name for name in left if name in right):
        found += _both(pair, place, left[place], right[place], spans)
    rest = spans
    for inside in (*left.values(), *right.values()):
        rest = [piece for span in rest for piece in _without(span, inside)]
    return found + [item for span in rest for item in _outside(pair, span)]


def _partitions(table: Mapping[str, Any]) -> dict[str, Span]:
    """Where each partition of a table is, by its number."""
    sector = int(table.get("sectorsize", SECTOR))
    return {
        f"partition {index}": Span(part["start"] * sector, (part["start"] + part["size"]) * sector)
        for index, part in enumerate(table.get("partitions", []), start=1)
    }


def _both(
    pair: Pair, place: str, left: Span, right: Span, spans: Sequence[Span]
) -> list[Difference]:
    """Name what differs between what is at *left* on the one side and at *right* on the other.
    *spans*: where the sides differ, if nothing is moved."""
    if left == right:
        within = [cut for span in spans if (cut := span.clipped(left))]
        return _area(pair, place, left, within) if within else []
    moved = pair.stretched(left, right)
    within, sizes = moved.spans(), moved.sizes()
    whole = Span(0, min(sizes))
    return _area(moved, place, whole, within) if within or sizes[0] != sizes[1] else []


def _area(pair: Pair, place: str, inside: Span, spans: Sequence[Span]) -> list[Difference]:
    """Name what differs in a partition: in each logical volume, if both sides are physical ones,
    and in what is encrypted, if a passphrase opens it; each of these layers adds a comma to
    *place*."""
    if place.count(", ") >= layers.DEEPEST:
        return _content(pair, place, inside, spans)
    areas = [Area(path, at.start, at.end - at.start) for path, at in pair.places(inside)]
    if pair.means.passphrases and all(luks.is_container(area) for area in areas):
        return _encrypted(pair, place, areas)
    left, right = (layers.content(area) for area in areas)
    if left is None or right is None:
        return _content(pair, place, inside, spans)
    pieces = left.pieces(), right.pieces()
    found, rest = [], list(spans)
    for name in (name for name in pieces[0] if name in pieces[1]):
        where = f"{place}, volume {left.group}/{name}"
        found += _volume(pair, where, inside, (pieces[0][name], pieces[1][name]), spans)
    for name in sorted(pieces[0].keys() ^ pieces[1].keys()):
        said = ("there", "") if name in pieces[0] else ("", "there")
        found.append(Difference(f"{place}, volume {left.group}/{name}", "only here", *said))
    for start, size in (piece for side in pieces for each in side.values() for piece in each):
        where_it_is = Span(inside.start + start, inside.start + start + size)
        rest = [piece for span in rest for piece in _without(span, where_it_is)]
    return found + (_sectors(pair, place, inside, rest) if rest else [])


def _volume(
    pair: Pair,
    place: str,
    inside: Span,
    pieces: tuple[Sequence[Piece], Sequence[Piece]],
    spans: Sequence[Span],
) -> list[Difference]:
    """Name what differs in a logical volume, which lies in *pieces* of what is at *inside*."""
    if len(pieces[0]) == len(pieces[1]) == 1:
        left, right = (
            Span(inside.start + start, inside.start + start + size) for ((start, size),) in pieces
        )
        return _both(pair, place, left, right, spans)
    areas = [Area(path, at.start, at.end - at.start) for path, at in pair.places(inside)]
    with TemporaryDirectory(prefix="appliance-", dir=pair.paths[0].parent) as scratch:
        copies = []
        for area, each, name in zip(areas, pieces, ("left", "right"), strict=True):
            folder = Path(scratch) / name
            folder.mkdir()
            copies.append(layers.put_together(area, each, folder))
        return _copies(pair, place, copies)


def _encrypted(pair: Pair, place: str, areas: Sequence[Area]) -> list[Difference]:
    """Name what differs in two containers, by what is in them."""
    with TemporaryDirectory(prefix="appliance-", dir=pair.paths[0].parent) as scratch:
        copies = []
        for area, name in zip(areas, ("left", "right"), strict=True):
            target = Path(scratch) / name
            try:
                tools, passphrases = pair.means.tools, pair.means.passphrases
                copies.append(luks.decrypt(area, passphrases, target, tools=tools))
            except RequestError as error:
                problem = f"no passphrase that was given opens {place} of the {name} image"
                raise RequestError(problem, hint=error.hint) from None
        found = _copies(pair, f"{place}, decrypted", copies)
    return found or [Difference(place, SAME_INSIDE)]


def _copies(pair: Pair, place: str, areas: Sequence[Area]) -> list[Difference]:
    """Name what differs between two volumes that are files, or parts of them."""
    left, right = (Span(area.start, area.start + area.size) for area in areas)
    files = Pair(areas[0].path, areas[1].path, pair.means, (left, right))
    sizes = files.sizes()
    return _both(files, place, Span(0, sizes[0]), Span(0, sizes[1]), files.spans())


def _heads(pair: Pair, inside: Span, size: int) -> tuple[bytes, bytes]:
    """The first bytes of a partition, at most *size*, of both images."""
    return pair.read(inside.start, min(size, inside.end - inside.start))


def _content(pair: Pair, place: str, inside: Span, spans: Sequence[Span]) -> list[Difference]:
    """Name what differs in the filesystem; its sectors if it is too damaged for that, or
    encrypted."""
    if any(head == luks.MAGIC for head in _heads(pair, inside, len(luks.MAGIC))):
        note = Difference(place, ENCRYPTED)
        return [note, *_sectors(pair, place, inside, spans)]
    try:
        return _filesystem(pair, inside)(pair, place, inside, spans)
    except HostError as error:
        note = Difference(place, f"compared by sectors: {error.problem} (try: {error.hint})")
        return [note, *_sectors(pair, place, inside, spans)]
    except (*BROKEN, CommandError) as error:
        said = "".join(error.tail[-1:]) or str(error) if isinstance(error, CommandError) else error
        note = Difference(place, f"the filesystem is damaged, and compared by sectors: {said}")
        return [note, *_sectors(pair, place, inside, spans)]


def _filesystem(pair: Pair, inside: Span) -> Compare:
    """Choose what can name the content of the partition, by the filesystem that both images have
    there."""
    heads = _heads(pair, inside, HEAD)
    kinds = {kind.family if (kind := recognised(head)) else "" for head in heads}
    return COMPARERS.get(kinds.pop(), _sectors) if len(kinds) == 1 else _sectors


def _sectors(pair: Pair, place: str, inside: Span, spans: Sequence[Span]) -> list[Difference]:
    """Name the sectors that differ, where nothing is known about the content."""
    found = []
    for span in spans[:FEW]:
        numbers = span.units(SECTOR, inside.start)
        what = f"sectors {numbers[0]} to {numbers[-1]}"
        found.append(Difference(place, what, *pair.excerpt(span)))
    rest = len(spans) - FEW
    return found + ([Difference(place, f"{rest} more runs of sectors")] if rest > 0 else [])


def _outside(pair: Pair, span: Span) -> Iterator[Difference]:
    """Name sectors that belong to no partition."""
    parts = [(Span(start, end), name) for start, end, name in MBR_PARTS]
    end = pair.sizes()[0]
    parts.append((Span(SECTOR, GPT_SECTORS * SECTOR), "GPT"))
    parts.append((Span(end - (GPT_SECTORS - 1) * SECTOR, end), "backup of the GPT"))
    parts.append((Span(GPT_SECTORS * SECTOR, end - (GPT_SECTORS - 1) * SECTOR), "between"))
    for part, name in parts:
        cut = span.clipped(part)
        if cut and len(set(pair.read(cut.start, cut.end - cut.start))) > 1:
            what = f"{name}: bytes {cut.start} to {cut.end}"
            yield Difference("outside partitions", what, *pair.excerpt(cut))


def _without(span: Span, other: Span) -> Iterator[Span]:
    """What is left of *span* when *other* is taken away."""
    for start, end in (
        (span.start, min(span.end, other.start)),
        (max(span.start, other.end), span.end),
    ):
        if start < end:
            yield Span(start, end)


def _table(path: Path) -> dict[str, Any]:
    """The partition table as sfdisk tells it, without the image's own name; empty if none."""
    try:
        text = command.run(["sfdisk", "--json", path])
    except CommandError:
        return {}
    table: dict[str, Any] = json.loads(text[text.index("{") :])["partitiontable"]
    del table["device"]
    for part in table.get("partitions", []):
        del part["node"]
    return table


def _table_differences(left: dict[str, Any], right: dict[str, Any]) -> list[Difference]:
    flat = [
        {key: value for key, value in table.items() if key != "partitions"}
        | {
            f"partition {index}, {key}": value
            for index, part in enumerate(table.get("partitions", []), start=1)
            for key, value in part.items()
        }
        for table in (left, right)
    ]
    return [
        Difference("partition table", key, str(flat[0].get(key, "")), str(flat[1].get(key, "")))
        for key in [*flat[0], *(key for key in flat[1] if key not in flat[0])]
        if flat[0].get(key) != flat[1].get(key)
    ]


def _sizes(pair: Pair) -> list[Difference]:
    left, right = pair.sizes()
    return [Difference("disk", "size in bytes", str(left), str(right))] if left != right else []


def _same_bytes(left: Path, right: Path) -> bool:
    pair = Pair(left, right)
    return pair.sizes()[0] == pair.sizes()[1] and not pair.spans()
