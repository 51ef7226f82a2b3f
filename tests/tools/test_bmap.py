"""Block maps, as bmaptool takes them."""

import random
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from appliance.backends import compressors
from appliance.backends.disk_formats.bmap import BLOCK, LONGEST, write_bmap
from appliance.units import MIB


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    raw = tmp_path / "web.raw"
    dice = random.Random(1)
    with raw.open("wb") as file:
        for place, size in ((0, 600), (MIB, 3 * BLOCK), (9 * MIB, 70 * MIB), (95 * MIB, 10)):
            file.seek(place)
            file.write((dice.randbytes(BLOCK) * (size // BLOCK + 1))[:size])
        file.truncate(96 * MIB + 100)  # the last block is not a whole one
    if raw.stat().st_blocks * 512 > 80 * MIB:
        pytest.skip("this filesystem has no holes")
    return raw


def copied(image: Path, bmap: Path, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bmaptool", "copy", "--bmap", bmap, image, target],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("packing", ["", "xz", "zst", "gz"])
def test_bmaptool_copies_the_disk_by_it(disk: Path, tmp_path: Path, packing: str) -> None:
    image = disk
    if packing:
        image = tmp_path / f"web.raw.{packing}"
        packer = compressors.find(packing)
        compressors.compress(packer, disk, target=image, cores=2, told=lambda *_: None)
    write_bmap(disk, tmp_path / "map", cores=2)

    done = copied(image, tmp_path / "map", tmp_path / "copy")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "copy").read_bytes() == disk.read_bytes()
    assert "blocks mapped" in done.stderr or "mapped" in done.stderr


def test_it_maps_what_bmaptool_itself_does(disk: Path, tmp_path: Path) -> None:
    write_bmap(disk, tmp_path / "map", cores=2)
    subprocess.run(["bmaptool", "create", "-o", tmp_path / "theirs", disk], check=True)
    ours, theirs = (ET.parse(tmp_path / name).getroot() for name in ("map", "theirs"))

    for name in ("ImageSize", "BlockSize", "BlocksCount", "MappedBlocksCount", "ChecksumType"):
        assert (ours.findtext(name) or "").split() == (theirs.findtext(name) or "").split()
    said = [
        {item.text: item.get("chksum") for item in root.iter("Range")} for root in (ours, theirs)
    ]
    assert len(said[0]) == len(said[1]) + 1  # the long one is cut
    assert set(said[1].items()) - set(said[0].items()) == {
        (
            f" {9 * MIB // BLOCK}-{79 * MIB // BLOCK - 1} ",
            said[1][f" {9 * MIB // BLOCK}-{79 * MIB // BLOCK - 1} "],
        )
    }
    assert f" {9 * MIB // BLOCK}-{9 * MIB // BLOCK + LONGEST - 1} " in said[0]


def test_a_damaged_image_and_a_damaged_map_are_found(disk: Path, tmp_path: Path) -> None:
    write_bmap(disk, tmp_path / "map", cores=2)
    text = (tmp_path / "map").read_text()
    (tmp_path / "bent").write_text(text.replace("Which blocks", "Whose blocks"))
    with disk.open("r+b") as file:
        file.seek(MIB + 5)
        file.write(b"?")

    assert "checksum mismatch" in copied(disk, tmp_path / "map", tmp_path / "copy").stderr
    assert "checksum" in copied(disk, tmp_path / "bent", tmp_path / "copy").stderr


def test_cores_change_nothing_and_an_empty_disk_has_no_ranges(disk: Path, tmp_path: Path) -> None:
    for cores in (1, 3):
        write_bmap(disk, tmp_path / f"map-{cores}", cores=cores)
    with (tmp_path / "empty").open("wb") as file:
        file.truncate(MIB)
    write_bmap(tmp_path / "empty", tmp_path / "map", cores=1)

    assert (tmp_path / "map-1").read_bytes() == (tmp_path / "map-3").read_bytes()
    assert "<Range" not in (tmp_path / "map").read_text()
