"""An image that means harm costs bounded time and memory, and writes nothing anywhere."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from appliance.units import MIB

EVIL = "\x1b]0;title\x07\x1b[31mred"
ABSURD = 1 << 60
SIZED = ("etc/passwd", "etc/shadow", "etc/fstab", "etc/ssh/sshd_config", "usr/bin/huge",
         "var/lib/dpkg/info/evil.list", "etc/os-release", "root/key.pem")  # fmt: skip
STATUS = f"""\
Package: evil
Status: install ok installed
Version: 1{EVIL}
Maintainer: {EVIL}
Architecture: all
Description: {EVIL}

Package: other
Status: install ok installed
Version: 1
"""
MOST_SECONDS, MOST_MEMORY = 240, 700 * MIB


def hostile(place: Path) -> Path:
    """A root whose directories are in circles, whose names move the cursor, and in which files say
    that they have 2^60 bytes."""
    root = place / "root"
    for name in (*SIZED, f"etc/{EVIL}/file", f"opt/{EVIL}", "etc/systemd/system/default.target"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x\n")
    (root / "etc/loop").symlink_to("loop")
    (root / "etc/group").symlink_to("../../../../../../etc/group")
    (root / "var/lib/dpkg/status").write_text(STATUS)
    (root / "var/lib/dpkg/info/other.list").write_text(f"/usr/bin/huge\n/opt/{EVIL}\n/../../out\n")
    (root / "var/lib/dpkg/info/other.md5sums").write_text(f"{'0' * 32}  usr/bin/huge\n")
    (root / f"opt/{EVIL}").chmod(0o4755)
    image = place / "evil.img"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", root, image, "32M"], check=True)
    asked = [f"sif /{name} size {ABSURD}" for name in SIZED]
    asked += ["ln /etc /etc/ssh/again", "ln / /opt/root", "ln /var /usr/bin/var"]
    subprocess.run(["debugfs", "-w", "-f", "-", image], input="\n".join(asked), text=True,
                   check=True, capture_output=True)  # fmt: skip
    return image


@pytest.fixture
def ended(tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    """What `appliance inspect` says of it, in a process of its own."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    image = hostile(tmp_path)
    before, begun = image.read_bytes(), time.monotonic()
    words = [sys.executable, "-m", "appliance", "inspect", image, "--store", tmp_path / "store"]
    run = [
        subprocess.run(
            [*words, *more], capture_output=True, text=True, check=False, cwd=tmp_path,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path),
                 "PYTHONPATH": ":".join(sys.path), "TMPDIR": str(scratch)},
        )
        for more in ((), ("--json",))
    ]  # fmt: skip
    assert time.monotonic() - begun < MOST_SECONDS
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < MOST_MEMORY
    assert image.read_bytes() == before
    assert list(scratch.iterdir()) == []
    said = json.loads(run[1].stdout)
    assert [each["name"] for each in said["packages"]] == ["evil", "other"]
    return run[0]


def test_it_is_looked_at_and_nothing_is_believed(
    ended: "subprocess.CompletedProcess[str]", tmp_path: Path
) -> None:
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\x1b" not in ended.stdout
    assert "\x07" not in ended.stdout
    assert "/opt/\\x1b]0;title" in ended.stdout
    assert "in a circle" in ended.stdout
    assert "too large to be compared" in ended.stdout
    assert not (tmp_path / "out").exists()
