"""Inodes as bytes, and dumpe2fs's words about where they lie."""

import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from appliance.difference import inodes
from appliance.difference.inodes import (
    FIELDS,
    ExtFilesystem,
    ExtMap,
    batches,
    by_path,
    fields,
    kind,
    map_of,
    number,
)
from appliance.intake.trees.ext_blocks import EXTENTS_FLAG, EXTENTS_MAGIC, INLINE_FLAG, UNWRITTEN
from appliance.intake.trees.limits import DamagedError

TEXT = """\
Filesystem volume name:   <none>
Inode count:              32
Block size:               1024
Inodes per group:         16
Inode size:               256

Group 0: (Blocks 1-8192)
  Primary superblock at 1, Group descriptors at 2-2
  Reserved GDT blocks at 3-10
  Block bitmap at 11 (+10)
  Inode bitmap at 12 (+11)
  Inode table at 13-16 (+12)
Group 1: (Blocks 8193-16383)
  Backup superblock at 8193, Group descriptors at 8194-8194
  Inode table at 17-20 (bg #0 + 16)
"""


def inode(room: int = 256, /, tail: bytes = b"", **values: int) -> bytes:
    """One of *room* bytes whose FIELDS have these values."""
    made = bytearray(room)
    for name, value in values.items():
        at = 0
        for start, length in FIELDS[name]:
            made[start : start + length] = value.to_bytes(16, "little")[at : at + length]
            at += length
    made[160 : 160 + len(tail)] = tail
    return bytes(made)


def test_where_things_lie() -> None:
    found = map_of(TEXT)

    assert (found.block, found.inode, found.inodes_per_group) == (1024, 256, 16)
    assert found.tables == (13, 17)
    assert ("Reserved GDT blocks", 3, 10) in found.regions
    assert ("Block bitmap", 11, 11) in found.regions
    assert ("Backup superblock", 8193, 8193) in found.regions


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_is_read_where_it_is(name: str) -> None:
    bits = 8 * sum(length for _, length in FIELDS[name])
    value = int.from_bytes(bytes(range(1, bits // 8 + 1)), "little")

    made = inode(**{name: value})

    assert number(made, name) == value
    assert {each for each in FIELDS if number(made, each)} == {name}


@pytest.mark.parametrize(
    ("mode", "called"),
    [
        (0o100644, "file"),
        (0o040755, "directory"),
        (0o120777, "link"),
        (0o060660, "special file"),
        (0, "special file"),
    ],
)
def test_kinds(mode: int, called: str) -> None:
    assert kind(inode(mode=mode)) == called


def test_what_differs_is_named() -> None:
    left = inode(mode=0o100644, uid=0, mtime=10, blocks=8)
    right = inode(mode=0o100755, uid=70_000, mtime=10, blocks=16)

    assert list(fields(left, right, without=("blocks",))) == [
        ("mode", "0o100644", "0o100755"),
        ("uid", "0", "70000"),
    ]
    assert list(fields(left, left)) == []


def test_attributes_are_shown_in_brief() -> None:
    long = bytes(range(1, 97))

    ((name, here, there),) = fields(inode(tail=b"\x01\x02\x03\x04"), inode(tail=long))

    assert (name, here) == ("attributes", "01020304")
    assert there.endswith(" …")
    ((_, _, whole),) = fields(inode(), inode(tail=long[:64]))
    assert not whole.endswith(" …")
    assert len(there.replace(" ", "")) == 129


def test_of_inodes_of_two_sizes_only_what_both_can_say_is_compared() -> None:
    small, large = inode(128, mode=0o100644), inode(256, mode=0o100644, crtime=7)

    assert list(fields(small, large)) == []


class Stored(ExtFilesystem):
    """One whose places are known without asking dumpe2fs."""

    map = ExtMap(block=1024, inode=256, inodes_per_group=16, regions=(), tables=(2, 8))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "disk"
    with path.open("wb") as file:
        file.truncate(64 * 1024)
    return path


def put(image: Path, start: int, content: bytes) -> None:
    with image.open("r+b") as file:
        file.seek(start)
        file.write(content)


def test_inodes_are_found_in_the_table_of_their_group(image: Path) -> None:
    file, directory = inode(mode=0o100644, links=1), inode(mode=0o040755, links=2)
    put(image, 4096 + 2 * 1024 + 5 * 256, file)
    put(image, 4096 + 8 * 1024 + 1 * 256, directory)

    filesystem = Stored(image, 4096)

    assert filesystem.used() == [6, 18]
    assert (filesystem.inode(6), filesystem.inode(18)) == (file, directory)
    assert filesystem.address == f"{image}?offset=4096"


def extents(depth: int, *entries: bytes) -> bytes:
    return struct.pack("<4HI", EXTENTS_MAGIC, len(entries), 4, depth, 0) + b"".join(entries)


def leaf(logical: int, count: int, block: int) -> bytes:
    return struct.pack("<IHHI", logical, count, block >> 32, block & 0xFFFFFFFF)


def with_extents(node: bytes, size: int) -> bytes:
    made = bytearray(inode(mode=0o100644, links=1, flags=EXTENTS_FLAG, size=size))
    made[40 : 40 + len(node)] = node
    return bytes(made)


def test_a_file_is_what_is_in_it_and_not_where_it_lies(image: Path) -> None:
    put(image, 20 * 1024, b"a" * 1024 + b"b" * 1024)
    put(image, 30 * 1024, b"a" * 1024 + b"b" * 1024)
    put(image, 40 * 1024, extents(0, leaf(0, 2, 30)))
    filesystem = Stored(image, 0)

    one = with_extents(extents(0, leaf(0, 2, 20)), 1500)
    moved = with_extents(extents(0, leaf(0, 2, 30)), 1500)
    deeper = with_extents(extents(1, struct.pack("<IIHH", 0, 40, 0, 0)), 1500)
    other = with_extents(extents(0, leaf(0, 2, 21)), 1500)
    hole = with_extents(extents(0, leaf(1, 2, 20)), 1500)
    digests = [filesystem.content(each) for each in (one, moved, deeper, other, hole)]

    assert digests[0] == digests[1] == digests[2]
    assert len(set(digests)) == 3


def test_bytes_behind_the_end_and_blocks_never_written_do_not_count(image: Path) -> None:
    put(image, 20 * 1024, b"a" * 1024)
    filesystem = Stored(image, 0)
    plain = with_extents(extents(0, leaf(0, 1, 20)), 10)
    reserved = with_extents(extents(0, leaf(0, 1, 20), leaf(1, UNWRITTEN + 3, 30)), 10)
    before = filesystem.content(plain)

    assert filesystem.content(reserved) == before
    put(image, 20 * 1024 + 10, b"garbage")
    assert filesystem.content(plain) == before
    put(image, 20 * 1024, b"b")
    assert filesystem.content(plain) != before


def test_a_short_link_is_in_its_inode(image: Path) -> None:
    link = bytearray(inode(mode=0o120777, size=4))
    link[40:44] = b"/etc"

    filesystem = Stored(image, 0)

    assert bytes.fromhex(filesystem.content(bytes(link))).rstrip(b"\0") == b"/etc"
    assert filesystem.content(inode(mode=0o020644, size=10)) == ""  # a device holds nothing


def test_data_in_an_inode_is_read_there(image: Path) -> None:
    made = bytearray(inode(mode=0o100644, size=5, flags=INLINE_FLAG))
    made[40:46] = b"short\xff"
    assert Stored(image, 0).content(bytes(made)) == b"short".hex()


def test_in_how_many_pieces_a_file_lies_does_not_count(image: Path) -> None:
    for place, text in ((20, b"a"), (21, b"b"), (30, b"b"), (31, b"a"), (32, b"\0")):
        put(image, place * 1024, text * 1024)
    filesystem = Stored(image, 0)
    whole = with_extents(extents(0, leaf(0, 2, 20)), 3000)
    apart = with_extents(extents(0, leaf(0, 1, 31), leaf(1, 1, 30)), 3000)
    zeros = with_extents(extents(0, leaf(0, 1, 31), leaf(1, 1, 30), leaf(2, 1, 32)), 3000)
    backwards = with_extents(extents(0, leaf(0, 2, 30)), 3000)
    longer = with_extents(extents(0, leaf(0, 2, 20)), 3001)

    digests = [filesystem.content(each) for each in (whole, apart, zeros, backwards, longer)]

    assert digests[0] == digests[1] == digests[2]
    assert len(set(digests)) == 3


def test_pieces_of_a_long_file_are_read_where_they_are(image: Path) -> None:
    """The 70th KiB is in another piece than the first, and no block begins one."""
    put(image, 20 * 1024, b"a" * 3072)
    filesystem = Stored(image, 0)
    one = with_extents(extents(0, leaf(0, 1, 20), leaf(63, 2, 21)), 80_000)
    two = with_extents(extents(0, leaf(0, 1, 22), leaf(63, 1, 20), leaf(64, 1, 21)), 80_000)
    three = with_extents(extents(0, leaf(0, 1, 22), leaf(63, 1, 20), leaf(65, 1, 21)), 80_000)
    contents = [filesystem.content(each) for each in (one, two, three)]
    assert contents[0] == contents[1] != contents[2]


def mapped(size: int, **pointers: int) -> bytes:
    made = bytearray(inode(mode=0o100644, links=1, size=size))
    for index, block in pointers.items():
        made[40 + 4 * int(index[1:]) : 44 + 4 * int(index[1:])] = struct.pack("<I", block)
    return bytes(made)


def test_a_block_map_says_the_same_as_extents(image: Path) -> None:
    """Block 12 is the first of the block of pointers 40; block 268 the first that is two away."""
    put(image, 20 * 1024, b"a" * 1024 + b"b" * 1024 + b"c" * 1024)
    put(image, 40 * 1024, struct.pack("<2I", 21, 0))
    put(image, 41 * 1024, struct.pack("<2I", 0, 42))
    put(image, 42 * 1024, struct.pack("<2I", 0, 22))
    filesystem = Stored(image, 0)
    size = 600 * 1024
    old = mapped(size, _1=20, _12=40, _13=41)
    new = with_extents(
        extents(0, leaf(1, 1, 20), leaf(12, 1, 21), leaf(12 + 256 + 256 + 1, 1, 22)), size
    )

    assert filesystem.content(old) == filesystem.content(new)
    assert filesystem.content(old) != filesystem.content(mapped(size, _1=20, _12=40))
    with pytest.raises(DamagedError, match="no tree"):
        filesystem.content(mapped(size, _12=40, _13=40))
    with pytest.raises(DamagedError, match="outside"):
        filesystem.content(mapped(size, _12=4000))


def test_debugfs_is_asked_in_pieces(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def run(words: list[str], env: Mapping[str, str] | None = None) -> str:
        asked.append(words[2])
        return "Inode\tPathname\n12\t//etc/a b\n12\t/x//y\ndebugfs 1.47\n"

    monkeypatch.setattr(inodes.command, "run", run)
    monkeypatch.setattr(inodes, "AT_ONCE", 2)

    found = Stored(image, 0).names([2, 12, 13])

    assert asked == ["ncheck 2 12", "ncheck 13"]
    assert found[0] == (2, "/")
    assert found[1:3] == [(12, "/etc/a b"), (12, "/x/y")]
    assert by_path(found)["/x/y"] == 12


def test_no_number_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inodes, "AT_ONCE", 3)

    assert [list(part) for part in batches(range(7))] == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batches([])) == []


def test_a_tree_of_extents_that_leads_in_circles_is_damage(tmp_path: Path) -> None:
    node = struct.pack("<4HI", EXTENTS_MAGIC, 1, 4, 1, 0) + struct.pack("<IIHH", 0, 1, 0, 0)
    image = tmp_path / "image"
    image.write_bytes(bytes(1024) + node.ljust(1024, b"\0"))
    broken = ExtFilesystem(image, 0)
    broken.map = ExtMap(1024, 256, 16, (), ())
    file = bytearray(inode(mode=0o100644, flags=EXTENTS_FLAG, size=1))
    file[40 : 40 + len(node)] = node
    with pytest.raises(DamagedError, match="no tree"):
        broken.content(bytes(file))
