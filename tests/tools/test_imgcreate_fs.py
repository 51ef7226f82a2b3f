"""The old disk and mount classes, by copying in and out: real files, read back by e2fsprogs.

Each test is a program of its own: the classes take the whole process into a namespace.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from building import SOURCE

FIRST = "import os, sys\nfrom imgcreate import *\nfrom imgcreate import fs\nMB = 1024 * 1024\n"


def program(place: Path, text: str, *, status: int = 0) -> str:
    ours = [str(SOURCE), str(SOURCE.parent / "appliance-imgcreate")]
    path = os.pathsep.join([*ours, *(item for item in sys.path if "packages" in item)])
    done = subprocess.run(
        [sys.executable, "-c", FIRST + text], cwd=place, text=True, check=False,
        capture_output=True, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def ask(image: Path, order: str) -> str:
    done = subprocess.run(
        ["debugfs", "-R", order, image], text=True, capture_output=True, check=True
    )
    return done.stdout + done.stderr


def sound(image: Path) -> None:
    subprocess.run(["e2fsck", "-fn", image], check=True, capture_output=True)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A filesystem with a little of everything."""
    tree = tmp_path / "tree"
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/bin/su").write_bytes(b"su")
    (tree / "usr/bin/su").chmod(0o4755)
    (tree / "etc").mkdir()
    (tree / "etc/name").write_text("old\n")
    (tree / "etc/link").symlink_to("name")
    (tree / "old dir").mkdir()
    (tree / 'old dir/a "b" c').write_text("quoted\n")
    words = ["mke2fs", "-q", "-t", "ext4", "-L", "mine", "-d", tree, tmp_path / "image", "8M"]
    subprocess.run(words, check=True)
    return tmp_path / "image"


@pytest.mark.usefixtures("quiet_host")
def test_a_new_disk_has_what_was_put_there(tmp_path: Path) -> None:
    program(
        tmp_path,
        """
disk = SparseLoopbackDisk("new/image", 16 * MB)
mount = ExtDiskMount(disk, "mnt", "ext4", 4096, "label")
assert not disk.exists() and not disk.fixed()
mount.mount()
mount.mount()
assert disk.device == "new/image" and disk.get_size() == 16 * MB
open("mnt/file", "w").write("hello")
os.chown("mnt/file", 1, 2)
os.chmod("mnt/file", 0o2755)
os.setxattr("mnt/file", "user.mine", b"yes")
os.link("mnt/file", "mnt/other")
mount.unmount()
assert not os.path.exists("mnt")
mount.mount()
assert open("mnt/file").read() == "hello"
mount.cleanup()
""",
    )
    image = tmp_path / "new/image"
    sound(image)
    said = ask(image, "stat /file")
    assert "Mode:  02755" in said
    assert "User:     1   Group:     2" in said
    assert "Links: 2" in said
    assert 'user.mine (3) = "yes"' in said


@pytest.mark.usefixtures("quiet_host")
def test_only_what_changed_is_copied_back(tmp_path: Path, image: Path) -> None:
    subprocess.run(["debugfs", "-w", "-R", "ea_set /usr/bin/su user.kept yes", image], check=True)
    program(
        tmp_path,
        """
mount = DiskMount(LoopbackDisk("image", 0), "mnt")
mount.mount()
assert oct(os.stat("mnt/usr/bin/su").st_mode) == "0o104755"
open("mnt/etc/name", "w").write("new")
os.chown("mnt/etc/name", 7, 8)
os.remove('mnt/old dir/a "b" c')
os.rmdir("mnt/old dir")
os.makedirs("mnt/new dir/below")
open('mnt/new dir/below/"x"', "w").write("x" * 100000)
os.symlink("/else where", "mnt/new dir/link")
os.remove("mnt/etc/link"); os.mkdir("mnt/etc/link")
mount.cleanup()
""",
    )
    sound(image)
    assert ask(image, "cat /etc/name").startswith("new")
    assert "User:     7   Group:     8" in ask(image, "stat /etc/name")
    assert "not found" in ask(image, 'stat "/old dir"')
    assert 'Fast link dest: "/else where"' in ask(image, 'stat "/new dir/link"')
    assert "Size: 100000" in ask(image, 'stat "/new dir/below/""x"""')
    assert "Type: directory" in ask(image, "stat /etc/link")
    kept = ask(image, "stat /usr/bin/su")
    assert "user.kept" in kept
    assert "Mode:  04755" in kept


@pytest.mark.usefixtures("quiet_host")
def test_what_is_only_read_stays_to_the_byte(tmp_path: Path, image: Path) -> None:
    before = image.read_bytes()
    program(
        tmp_path,
        """
mount = LoopbackMount("image", "mnt", ops="ro")
mount.mount()
assert open("mnt/etc/name").read() == "old\\n"
open("mnt/etc/name", "w").write("new")
mount.cleanup()
mount = LoopbackMount("image", "mnt")
mount.mount()
mount.unmount()
""",
    )
    assert image.read_bytes() == before


@pytest.mark.usefixtures("quiet_host")
def test_a_disk_is_made_small_and_large_again(tmp_path: Path, image: Path) -> None:
    said = program(
        tmp_path,
        """
mount = SparseExtLoopbackMount("image", "mnt", 32 * MB, "ext4", 1024, "x")
mount.mount()
mount.unmount()
assert os.stat("image").st_size == 32 * MB
print(mount.resparse(24 * MB))
print(mount.resize(16 * MB))
""",
    )
    smallest, size = map(int, said.split())
    assert smallest < 8 * 1024 * 1024
    assert size == 16 * 1024 * 1024 == image.stat().st_size
    sound(image)
    assert ask(image, "cat /etc/name").startswith("old")


@pytest.mark.usefixtures("quiet_host")
def test_binds_are_seen_by_us_alone(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/file").write_text("here")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/out").symlink_to("/etc")
    program(
        tmp_path,
        """
bind = BindChrootMount(os.path.abspath("src"), "root", "/a/b")
bind.mount()
assert open("root/a/b/file").read() == "here"
assert "root/a/b" in open("/proc/self/mounts").read()
bind.unmount()
assert not os.listdir("root/a/b")
bind.mount("ro")
try:
    open("root/a/b/file", "w")
    raise SystemExit("it could be written")
except OSError:
    pass
bind.cleanup()
bind = BindChrootMount(os.path.abspath("src/file"), "root", "/out/passwd")
bind.mount()
assert open("root/etc/passwd").read() == "here"
assert open("/etc/passwd").read() != "here"
bind.cleanup()
BindChrootMount("/no/such/place", "root").mount()
""",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DiskMount(LoopbackDisk('none', 0), 'mnt').mount()", "there is no file 'none'"),
        ("open('a', 'w'); DiskMount(RawDisk(0, 'a'), 'mnt').mount()", "holds no ext filesystem"),
        ("DiskMount(LoopbackDisk('image', 0), '.').mount()", "is not empty"),
        ("LoopbackMount('image', 'mnt').loopsetup()", "there are no loop devices"),
        (
            "ExtDiskMount(SparseLoopbackDisk('b', MB), 'mnt', 'xfs', 4096, 'x').mount()",
            "no xfs can be made without mounting",
        ),
        (
            "m = SparseExtLoopbackMount('image', 'mnt', 8 * MB, 'ext4', 1024, 'x')\n    m.mount()\n"
            "    m.resize(64 * 1024)",
            "resize2fs",
        ),
        (
            "m = LoopbackMount('image', 'mnt')\n    m.mount()\n"
            "    open('mnt/big', 'wb').write(os.urandom(9 * MB))\n    m.unmount()",
            "debugfs",
        ),
        (
            "m = LoopbackMount('image', 'mnt')\n    m.mount()\n"
            "    open('mnt/a\\nb', 'w')\n    m.unmount()",
            "line break",
        ),
        ("LiveImageCreator(None, 'x')", "LiveImageCreator cannot be had"),
        ("LoopImageCreator(None, 'x')", "LoopImageCreator cannot be had"),
    ],
)
def test_what_cannot_be_had_says_so(tmp_path: Path, image: Path, text: str, said: str) -> None:
    del image
    caught = program(
        tmp_path, f"try:\n    {text}\nexcept CreatorError as error:\n    print('caught:', error)\n"
    )
    assert "caught: " in caught
    assert said in caught
