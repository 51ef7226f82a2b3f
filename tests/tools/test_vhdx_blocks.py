"""A VHDX is compared with its disk by its map of blocks: wherever one of them has data."""

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from appliance.backends.disk_formats import vhdx_blocks
from appliance.backends.disk_formats.vhdx_regions import DISK_SIZE, items, regions
from appliance.errors import CommandError
from appliance.host import command
from appliance.units import GIB, MIB


class Work:
    """What the format needs of a conversion here: it runs programs, and remembers which."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def run(self, argv: Sequence[str | Path], **how: object) -> str:
        self.words.append(str(argv[1]))
        return command.run(argv)


def disk(path: Path, size: int, *pieces: tuple[int, bytes]) -> Path:
    with path.open("wb") as file:
        for place, data in pieces:
            file.seek(place)
            file.write(data)
        file.truncate(size)
    return path


def converted(raw: Path) -> Path:
    """The VHDX that qemu-img makes of it."""
    image = raw.with_suffix(".vhdx")
    command.run(["qemu-img", "convert", "-f", "raw", "-O", "vhdx", raw, image])
    return image


def verify(raw: Path, image: Path) -> list[str]:
    work = Work()
    vhdx_blocks.verified(work, "vhdx", raw=raw, image=image)  # type: ignore[arg-type]
    return work.words


@pytest.mark.parametrize(
    ("size", "pieces"),
    [
        (200 * GIB, ()),
        (3 * MIB, ((0, b"x" * MIB), (3 * MIB - 512, b"end"))),
        (100 * GIB, ((1, b"begin"), (60 * GIB + 5, b"far"), (100 * GIB - 9, b"at the end"))),
        (64 * MIB, ((0, bytes(8 * MIB)), (20 * MIB, b"after zeros that are no hole"))),
    ],
)
def test_what_qemu_writes_is_the_disk(
    size: int, pieces: tuple[tuple[int, bytes], ...], tmp_path: Path
) -> None:
    """An empty disk of 200 GiB is one of them: what is nowhere is not read. The places of one of
    100 GiB are behind entries of sector bitmaps."""
    raw = disk(tmp_path / "a.raw", size, *pieces)
    assert verify(raw, converted(raw)) == ["check"]


def test_another_byte_is_found(tmp_path: Path) -> None:
    raw = disk(tmp_path / "a.raw", 64 * MIB, (40 * MIB, b"here"))
    image = converted(raw)
    content = image.read_bytes()
    image.write_bytes(content.replace(b"here", b"hare"))
    with pytest.raises(CommandError, match="vhdx image that was just made is not what the disk is"):
        verify(raw, image)
    with pytest.raises(CommandError, match=f"it differs between the bytes {40 * MIB}"):
        verify(raw, image)


@pytest.mark.parametrize(
    ("state", "said"), [(0, "it differs"), (2, "it differs"), (7, "is in the state 7")]
)
def test_a_block_that_is_lost_is_found(state: int, said: str, tmp_path: Path) -> None:
    raw = disk(tmp_path / "a.raw", 64 * MIB, (0, b"here"))
    image = converted(raw)
    with image.open("r+b") as file:
        place = dict(regions(file))[vhdx_blocks.BLOCKS_REGION]
        file.seek(place)
        (entry,) = struct.unpack("<Q", file.read(8))
        assert entry & 7 == vhdx_blocks.PRESENT
        file.seek(place)
        file.write(struct.pack("<Q", entry & ~7 | state))
    with pytest.raises(CommandError, match=said):
        verify(raw, image)


def test_another_size_is_found(tmp_path: Path) -> None:
    raw = disk(tmp_path / "a.raw", 64 * MIB, (0, b"here"))
    image = converted(raw)
    with image.open("r+b") as file:
        assert items(file)[DISK_SIZE][1] == 8
    disk(raw, 63 * MIB, (0, b"here"))
    with pytest.raises(CommandError, match="another size"):
        verify(raw, image)
