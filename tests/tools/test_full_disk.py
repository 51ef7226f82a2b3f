"""A disk that becomes full while an appliance is converted, packed or unpacked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.errors import HostError

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
MIB = 1 << 20


def beside_no_room(room: Path, *words: str | Path) -> tuple[int, str, list[str]]:
    """Run `appliance` with a filesystem of 4 MiB at *room*; its status, its words on stderr, and
    the files with something in them that it left there (locks are empty)."""
    room.mkdir()
    script = 'mount -t tmpfs -o size=4m tmpfs "$0"; "$@"; s=$?; find "$0" -type f -size +0; exit $s'
    ended = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, room, sys.executable, "-m", "appliance", *words],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return ended.returncode, ended.stderr, ended.stdout.splitlines()


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    path = tmp_path / "web.raw"
    path.write_bytes(os.urandom(16 * MIB))
    return path


@pytest.mark.parametrize("name", ["raw.xz", "qcow2", "vmdk", "vmdk-stream", "vdi", "vhd", "vhdx"])
def test_nothing_is_left_of_a_conversion(tmp_path: Path, disk: Path, name: str) -> None:
    room = tmp_path / "room"
    status, said, left = beside_no_room(room, "convert", disk, "-f", name, "-o", room)
    assert (status, left) == (HostError.exit_code, []), said
    assert f"no space left on the disk that holds {room}" in said
    assert "try: free some space there, or -o DIR on another disk" in said


@pytest.mark.parametrize("form", ["none", "zip", "tar", "tar.zst", "ova", "box", "gcp"])
def test_nothing_is_left_of_a_package(tmp_path: Path, disk: Path, form: str) -> None:
    room = tmp_path / "room"
    status, said, left = beside_no_room(room, "convert", disk, "--bundle", form, "-o", room)
    assert (status, left) == (HostError.exit_code, []), said
    assert f"no space left on the disk that holds {room}" in said


def test_nothing_is_left_of_a_package_that_is_run(tmp_path: Path, disk: Path) -> None:
    words = ["convert", disk, "-f", "raw", "--bundle", "tar.zst", "-o", tmp_path / "out"]
    subprocess.run([sys.executable, "-m", "appliance", *words], check=True, capture_output=True)
    room, package = tmp_path / "room", tmp_path / "out/web.tar.zst"
    status, said, left = beside_no_room(room, "run", package, "--store", room)
    assert (status, left) == (HostError.exit_code, []), said
    assert f"no space left on the disk that holds {room}" in said
    assert "--store on another disk" in said
