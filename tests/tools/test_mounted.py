"""Filesystems that only a kernel reads: diff names their files, and shell opens their roots."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.difference.disks import differences
from appliance.errors import HostError
from appliance.host import command
from appliance.intake import mounted
from appliance.intake.layers import Means
from appliance.intake.mounted import Area
from appliance.units import MIB

UUID = "0b6c1f0e-5f0a-4d5e-9d57-6a7d1f0c4a01"
SIZE = 320 * MIB  # the least of xfs is 300
PROTO = """\
/
0 0
d--755 0 0
etc d--755 0 0
 motd ---644 0 0 {tree}/etc/motd
 same ---644 0 0 {tree}/etc/same
$
$
"""  # mkfs.xfs(8), -p


def xfs(image: Path, tree: Path) -> list[str | Path]:
    proto = tree.with_name("proto")
    proto.write_text(PROTO.format(tree=tree))
    return ["mkfs.xfs", "-q", "-p", proto, image]


MAKERS: dict[str, Callable[[Path, Path], list[str | Path]]] = {
    "btrfs": lambda image, tree: ["mkfs.btrfs", "-q", "--rootdir", tree, image],
    "squashfs": lambda image, tree: ["mksquashfs", tree, image, "-quiet", "-no-progress"],
    "xfs": xfs,
    "erofs": lambda image, tree: ["mkfs.erofs", "--quiet", image, tree],
}


def disk(place: Path, kind: str, motd: str) -> Path:
    """A disk with a root of that *kind* in its one partition."""
    place.mkdir()
    tree, image = place / "tree", place / "image"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/motd").write_text(motd)
    (tree / "etc/same").write_bytes(bytes(range(256)) * 4000)
    (tree / "link").symlink_to("etc/motd")
    if kind != "squashfs":
        with image.open("wb") as file:
            file.truncate(SIZE)
    command.run(MAKERS[kind](image, tree))
    path = place / "web.raw"
    with path.open("wb") as file, image.open("rb") as content:
        file.seek(MIB)
        shutil.copyfileobj(content, file)
        file.truncate(SIZE + 4 * MIB)
    table = (
        f"label: gpt\nlabel-id: {UUID}\nstart=2048, size={SIZE // 512}, type=linux, uuid={UUID}\n"
    )
    command.run(["sfdisk", "-q", path], stdin=table)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("kind", MAKERS)
def test_files_are_named(kind: str, tmp_path: Path, kernel: Path) -> None:
    left, right = disk(tmp_path / "a", kind, "one\n"), disk(tmp_path / "b", kind, "two\n")
    found = [
        each for each in differences(left, right, Means(kernel)) if each.place == "partition 1"
    ]
    assert "/etc/motd: content" in {each.what for each in found}
    assert not [each for each in found if "/etc/same: content" in each.what]
    assert not [each for each in found if "sectors" in each.what], found


@pytest.mark.slow
def test_a_shell_opens_it(tmp_path: Path, kernel: Path) -> None:
    path = disk(tmp_path / "a", "btrfs", "one\n")
    words = ["shell", "--tools", kernel, "--store", tmp_path / "store", path, "--", "/no/program"]
    ended = subprocess.run(
        [sys.executable, "-m", "appliance", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "reading btrfs with a kernel in a machine" in ended.stderr
    assert "/no/program" in ended.stderr.splitlines()[-1], ended.stderr


def test_without_a_kernel_sectors_are_named_and_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.host.kernels.kernels", lambda *places: [])
    left, right = disk(tmp_path / "a", "erofs", "one\n"), disk(tmp_path / "b", "erofs", "two\n")
    found = differences(left, right)
    assert found[0].what.startswith("compared by sectors: erofs is read by a kernel, and there is")
    assert "--tools ROOT" in found[0].what
    assert "sectors" in found[1].what
    with pytest.raises(HostError, match="erofs is read by a kernel"):
        mounted.pack(
            Area(left, MIB, SIZE), "erofs", tmp_path / "t", tools=Path("/"), scratch=tmp_path
        )
    assert json.dumps([each.what for each in found])
