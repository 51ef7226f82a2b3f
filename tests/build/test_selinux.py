"""SELinux labels: of the image's own policy, in its filesystems, whoever builds and wherever."""

import hashlib
import re
import shutil

import pytest
from test_disk_layouts import Cut, ask, partitions

from building import Yard

pytestmark = pytest.mark.slow  # minutes; make test-all


DISK = """\
part / --fstype=ext4 --size=80
part /srv --fstype=ext2 --size=20
"""
POST = """\
%post
set -e
echo more > /srv/more
cp /usr/bin/true /srv/cap
setcap cap_net_raw+ep /srv/cap
mkdir /mnt/odd
echo two > /srv/b-name
ln /srv/b-name /srv/a-name
ln /srv/b-name /srv/c-name
for name in 'a blank' 'a#sign' 'a\\slash' "a'quote" 'a"quote' \\
    "$(printf 'a\\nline')" "$(printf 'a\\351')"
do
mkdir "/srv/$name"
echo odd > "/srv/$name/the file"
done
%end
"""


def attributes(cut: Cut, path: str) -> str:
    """The extended attributes as a kernel would find them, the zero byte of a label included."""
    return ask("debugfs", "-R", f"ea_list {path}", cut.path)


def type_of(cut: Cut, path: str) -> str:
    found: str = re.findall(r'security.selinux \(\d+\) = "(.*)"', attributes(cut, path))[0]
    return found.removeprefix("system_u:object_r:").removesuffix("\\000")


def inodes(cut: Cut) -> list[int]:
    """Those of all files of a filesystem, whatever they are called."""
    said = ask("dumpe2fs", "-h", cut.path)
    count, free = (
        int(re.findall(rf"^{name}:\s+(\d+)", said, re.MULTILINE)[0])
        for name in ("Inode count", "Free inodes")
    )
    return list(range(11, count - free + 1))


@pytest.mark.parametrize("workbench", ["memory", "disk"])
def test_every_file_has_the_label_of_the_policy(somebody: Yard, workbench: str) -> None:
    recipe = somebody.recipe("hello", "selinux-policy-default", disk=DISK, more=POST)
    (somebody.place / "own").write_text("own\n")
    words = ("--workbench", workbench, "--copy", "own:/etc/own")
    ended = somebody.build(recipe, "-f", "raw", *words)
    found = partitions(somebody.image())
    root, srv = found[1], found[2]

    for cut, path, expected in (
        (root, "/", "root_t:s0"),
        (root, "/etc", "etc_t:s0"),
        (root, "/etc/shadow", "shadow_t:s0"),
        (root, "/etc/own", "etc_t:s0"),
        (root, "/usr/bin/sh", "bin_link_t:s0"),
        (root, "/usr/bin/dpkg", "bin_t:s0"),
        (root, "/usr/share/hello/hello.txt", "default_t:s0"),
        (root, "/mnt/odd", "odd_t:s0:c0,c1"),
        (root, "/srv", "var_t:s0"),
        (root, "/lost+found", "lost_found_t:s0"),
        (srv, "/", "var_t:s0"),
        (srv, "/more", "var_t:s0"),
        (srv, "/a-name", "var_t:s0"),
        (srv, "/b-name", "var_t:s0"),
        (srv, "/lost+found", "lost_found_t:s0"),
    ):
        assert type_of(cut, path) == expected, path
    assert "security.capability (20)" in attributes(srv, "/cap")
    assert type_of(srv, "/cap") == "ping_exec_t:s0"
    assert "security.selinux" not in attributes(root, "/sys")
    for cut in (root, srv):
        ask("e2fsck", "-fn", cut.path)
    assert "autorelabel" not in ended.said
    for inode in inodes(srv):
        assert "security.selinux" in attributes(srv, f"<{inode}>"), inode


def test_root_in_memory_and_a_plain_user_on_disk_make_the_same_bytes(
    yard: Yard, request: pytest.FixtureRequest
) -> None:
    recipe = yard.recipe("hello", "selinux-policy-default", disk=DISK, more=POST)
    yard.build(recipe, "-f", "raw", "--workbench", "memory")
    roots = hashlib.sha256(yard.image().read_bytes()).hexdigest()
    shutil.rmtree(yard.output)

    other: Yard = request.getfixturevalue("users_yard")
    other.build(recipe, "-f", "raw", "--workbench", "disk")
    assert hashlib.sha256(other.image().read_bytes()).hexdigest() == roots


@pytest.mark.parametrize("line", ["selinux --disabled", ""])
def test_no_labels_without_a_policy_or_with_selinux_off(yard: Yard, line: str) -> None:
    packages = ("hello", "selinux-policy-default") if line else ("hello",)
    yard.build(yard.recipe(*packages, disk=f"{DISK}{line}"), "-f", "raw")

    root = partitions(yard.image())[1]
    assert "security.selinux" not in attributes(root, "/etc/shadow")
