"""A root on a logical volume, and on a second disk: diff names its files, shell opens it."""

import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.difference.disks import differences
from appliance.host import command
from appliance.intake.received import received
from appliance.layout.lvm import Device, PhysicalGroup, Run, header
from appliance.units import MIB

UUID = "0b6c1f0e-5f0a-4d5e-9d57-6a7d1f0c4a01"
CLOCK = {"E2FSPROGS_FAKE_TIME": "1700000000", "SOURCE_DATE_EPOCH": "1700000000"}
GROUP = PhysicalGroup(
    "vg", "v" * 32, 4 * MIB, (Device("a" * 32, 60 * MIB, 14),),
    (Run("swap", "2" * 32, 0, 0, 2), Run("root", "1" * 32, 0, 2, 6)),
)  # fmt: skip


def filesystem(path: Path, files: dict[str, str]) -> bytes:
    tree = path.with_name(f"{path.name}.tree")
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    options = f"hash_seed={UUID},root_owner=0:0"
    command.run(
        ["mke2fs", "-q", "-t", "ext4", "-U", UUID, "-E", options, "-d", tree, path, "24M"],
        env=CLOCK,
    )
    return path.read_bytes()


def disk(path: Path, root: bytes, swap: bytes = b"") -> Path:
    """A disk with a physical volume in its one partition."""
    whole = bytearray(64 * MIB)
    whole[MIB : 2 * MIB] = header(GROUP, 0, 0)
    for run, content in zip(GROUP.runs, (swap, root), strict=True):
        start = MIB + GROUP.place(run)[0]
        whole[start : start + len(content)] = content
    path.write_bytes(whole)
    command.run(["sfdisk", "-q", path], stdin=f"label: gpt\nstart=2048, type=lvm, uuid={UUID}\n")
    return path


def test_files_of_a_logical_volume_are_named(tmp_path: Path) -> None:
    first = filesystem(tmp_path / "one", {"etc/hostname": "hydrogen\n"})
    other = first.replace(b"hydrogen\n", b"nitrogen\n")
    left, right = disk(tmp_path / "a.raw", first), disk(tmp_path / "b.raw", other, b"words")
    found = [(each.place, each.what.split(":")[0]) for each in differences(left, right)]
    assert ("partition 1, volume vg/root", "file /etc/hostname") in found
    assert ("partition 1, volume vg/swap", "sectors 0 to 0") in found
    assert {place for place, _ in found if place.startswith("partition 1")} == {
        "partition 1, volume vg/root", "partition 1, volume vg/swap"
    }  # fmt: skip


def scattered(path: Path, root: bytes) -> Path:
    """As disk(), but the halves of the root lie the other way round, as pvmove may leave them."""
    half = len(root) // 2
    disk(path, root[half:] + root[:half])
    whole, start = bytearray(path.read_bytes()), MIB + 4096 + 512
    text = whole[start : start + 8192].split(b"\0")[0].decode()
    old = re.search(r'segment_count = 1\s+segment1 {[^}]*extent_count = 6[^}]*"pv0", 2[^}]*}', text)
    assert old
    one = old[0].partition("segment1")[2].replace("extent_count = 6", "extent_count = 3")
    first = one.replace('"pv0", 2', '"pv0", 5')
    second = one.replace("start_extent = 0", "start_extent = 3")
    new = text.replace(old[0], f"segment_count = 2\nsegment1{first}\nsegment2{second}").encode()
    whole[start : start + len(new) + 1] = new + b"\0"
    struct.pack_into("<Q", whole, MIB + 4096 + 48, len(new) + 1)
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize("make", [disk, scattered])
def test_files_of_a_volume_in_pieces_are_named(make: Callable[..., Path], tmp_path: Path) -> None:
    first = filesystem(tmp_path / "one", {"etc/hostname": "hydrogen\n"})
    other = first.replace(b"hydrogen\n", b"nitrogen\n")
    found = differences(scattered(tmp_path / "a.raw", first), make(tmp_path / "b.raw", other))
    inside = {each.what.split(":")[0] for each in found if each.place.endswith("volume vg/root")}
    assert inside == {"file /etc/hostname"}


def shell(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "appliance", "shell", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_shell_finds_a_root_in_pieces(tmp_path: Path) -> None:
    root = scattered(tmp_path / "a.raw", filesystem(tmp_path / "fs", {"etc/hostname": "x"}))
    ended = shell(root, "--store", tmp_path / "store", "--", "/no/such/program")
    assert "/no/such/program" in ended.stderr.splitlines()[-1], ended.stderr


@pytest.mark.parametrize("second", [False, True])
def test_a_shell_finds_the_root(second: bool, tmp_path: Path) -> None:
    """The program that is asked for is not there: that it is looked for says enough."""
    root = disk(tmp_path / "web-sdb.raw", filesystem(tmp_path / "fs", {"etc/hostname": "x"}))
    image = root
    if second:
        data = disk(tmp_path / "web-sda.raw", filesystem(tmp_path / "data", {"srv/x": "x"}))
        image = tmp_path / "web.xml"
        image.write_text(
            "<image><name>web</name><domain><boot type='hvm'><guest><arch>x86_64</arch></guest>"
            f"<drive disk='{data.name}'/><drive disk='{root.name}'/></boot></domain><storage>"
            f"<disk file='{data.name}' format='raw'/><disk file='{root.name}' format='raw'/>"
            "</storage></image>"
        )
        assert len(received(image).image.disks) == 2
    ended = shell(image, "--store", tmp_path / "store", "--", "/no/such/program")
    assert "/no/such/program" in ended.stderr, ended.stderr
    assert "holds a root" not in ended.stderr
