"""The files of FAT filesystems, as mtools write them, are read by their names and chains."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from appliance.intake.trees.fat import FatTree, free_clusters
from appliance.intake.trees.limits import DamagedError
from appliance.intake.trees.window import window
from appliance.units import KIB, MIB

SIZES = {"12": 2 * MIB, "16": 32 * MIB, "32": 64 * MIB}
CONTENTS = {
    "EFI/BOOT/BOOTX64.EFI": os.urandom(100_000),
    "a rather long name, with a comma.txt": b"long\n",
    "ünïcode.conf": b"letters\n",
    "large.bin": os.urandom(100_000),
    "small.txt": b"small\n",
    "EMPTY": b"",
    "EFI/one/two/three/four.bin": os.urandom(7),
}


def made(place: Path, width: str) -> Path:
    """A FAT filesystem with CONTENTS, and three hundred more files in one directory."""
    disk, tree = place / "disk", place / "tree"
    subprocess.run(["mkfs.vfat", "-F", width, "-n", "OURS", "-i", "1234ABCD", "-C", disk,
                    str(SIZES[width] // KIB)], check=True, capture_output=True)  # fmt: skip
    for name, content in CONTENTS.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(content)
    (tree / "many").mkdir()
    for number in range(300):
        (tree / f"many/file number {number}").write_text(str(number))
    subprocess.run(["mcopy", "-s", "-i", disk, *tree.iterdir(), "::/"], check=True,
                   env={**os.environ, "LC_ALL": "C.UTF-8"})  # fmt: skip
    return disk


@pytest.mark.parametrize("width", SIZES)
def test_it_is_read_as_the_files_that_were_put_in(tmp_path: Path, width: str) -> None:
    disk = made(tmp_path, width)
    with window(disk, 0, SIZES[width]) as source:
        found = FatTree(source)
        files = {entry.path: entry for entry in found.entries()}
        assert (found.layout.width, found.layout.uuid) == (int(width), "1234-ABCD")
        assert found.layout.label == "OURS"
        for name, content in CONTENTS.items():
            assert found.read(f"/{name}", MIB) == content, name
            assert files[f"/{name}"].size == len(content)
        assert found.read("/efi/boot/bootx64.efi", 10) == CONTENTS["EFI/BOOT/BOOTX64.EFI"][:10]
        assert len([path for path in files if path.startswith("/many/")]) == 300
        assert found.read("/many/file number 299", 10) == b"299"
        assert files["/EFI"].kind == "directory"
        assert found.find("/EFI/nothing") is found.find("/EMPTY/x") is None
        free = free_clusters(source, found.layout) * found.layout.cluster
        said = subprocess.run(["mdir", "-i", disk, "::/"], check=True, capture_output=True)
        [told] = re.findall(r"([\d ]+) bytes free", said.stdout.decode())
        assert free == int(told.replace(" ", ""))


def test_a_chain_in_a_circle_ends(tmp_path: Path) -> None:
    disk = made(tmp_path, "16")
    with window(disk, 0, SIZES["16"]) as source:
        where = FatTree(source).layout
    data = disk.read_bytes()
    entries = bytearray(data[where.table : where.table + where.table_size])
    for number in range(2, where.clusters):
        entries[2 * number : 2 * number + 2] = number.to_bytes(2, "little")  # each its own next
    disk.write_bytes(data[: where.table] + entries + data[where.table + where.table_size :])
    with window(disk, 0, SIZES["16"]) as source:
        found = FatTree(source)
        paths = [entry.path for entry in found.entries()]
        assert "/EFI" in paths
        assert any("circle" in said for said in found.left_out)
        with pytest.raises(DamagedError, match="circle"):
            found.read("/large.bin", MIB)


@pytest.mark.parametrize("patch", [(11, bytes(2)), (13, b"\0"), (16, b"\0")])
def test_numbers_that_cannot_be_are_refused(tmp_path: Path, patch: tuple[int, bytes]) -> None:
    disk = made(tmp_path, "12")
    with disk.open("r+b") as file:
        file.seek(patch[0])
        file.write(patch[1])
    with window(disk, 0, SIZES["12"]) as source, pytest.raises(DamagedError):
        FatTree(source)
