"""Partitions that lie in other places on both sides: each side's own table says where."""

import subprocess
from pathlib import Path

from appliance.difference.disks import differences
from appliance.host import command
from appliance.units import MIB

UUID = "0b6c1f0e-5f0a-4d5e-9d57-6a7d1f0c4a01"
CLOCK = {"E2FSPROGS_FAKE_TIME": "1700000000", "SOURCE_DATE_EPOCH": "1700000000"}


def filesystem(path: Path, motd: str, size: int = 16) -> bytes:
    (path / "etc").mkdir(parents=True)
    (path / "etc/motd").write_text(motd)
    image = path.with_suffix(".img")
    options = f"hash_seed={UUID},root_owner=0:0"
    words = ["mke2fs", "-q", "-t", "ext4", "-U", UUID, "-E", options, "-d", path, image, f"{size}M"]
    command.run(words, env=CLOCK)
    return image.read_bytes()


def disk(path: Path, *partitions: tuple[int, bytes]) -> Path:
    """A disk with *partitions*, each at so many MiB."""
    with path.open("wb") as file:
        file.truncate(64 * MIB)
        for start, content in partitions:
            file.seek(start * MIB)
            file.write(content)
    lines = [f"start={at * 2048}, size={len(data) // 512}, type=linux" for at, data in partitions]
    subprocess.run(
        ["sfdisk", "-q", path],
        input="\n".join(["label: dos", "label-id: 0x1", *lines]), text=True, check=True,
    )  # fmt: skip
    return path


def test_what_is_moved_and_the_same_differs_in_the_table_alone(tmp_path: Path) -> None:
    root = filesystem(tmp_path / "one", "hydrogen\n")
    left, right = disk(tmp_path / "a", (1, root)), disk(tmp_path / "b", (4, root))
    found = differences(left, right)
    assert {each.place for each in found} <= {"partition table", "outside partitions"}
    assert "partition 1, start" in {each.what for each in found}


def test_files_in_what_is_moved_are_named(tmp_path: Path) -> None:
    first = filesystem(tmp_path / "one", "hydrogen\n")
    other = first.replace(b"hydrogen\n", b"nitrogen\n")
    left = disk(tmp_path / "a", (1, first), (20, first))
    right = disk(tmp_path / "b", (1, first), (24, other))
    (said,) = (each for each in differences(left, right) if each.place.startswith("partition 2"))
    assert said.what.startswith("file /etc/motd: 1 blocks")
    at = int(said.left.rpartition(" ")[2])
    assert left.read_bytes()[at : at + 8] == b"hydrogen", "the byte is one of the left image"


def test_a_partition_that_has_grown(tmp_path: Path) -> None:
    first = filesystem(tmp_path / "one", "hydrogen\n")
    other = filesystem(tmp_path / "two", "nitrogen\n", size=24)
    found = differences(disk(tmp_path / "a", (1, first)), disk(tmp_path / "b", (1, other)))
    inside = {each.what for each in found if each.place == "partition 1"}
    assert any("/etc/motd" in what for what in inside), inside


def test_a_partition_that_one_side_has(tmp_path: Path) -> None:
    root = filesystem(tmp_path / "one", "hydrogen\n")
    found = differences(
        disk(tmp_path / "a", (1, root)), disk(tmp_path / "b", (1, root), (20, root))
    )
    assert "partition 2, start" in {each.what for each in found if not each.left}
    assert {each.place for each in found} <= {"partition table", "outside partitions"}
