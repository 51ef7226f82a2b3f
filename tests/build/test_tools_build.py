"""The tools of another root file system make the image; those of this host do not."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.host import command
from building import Yard
from tools_root import MARK

pytestmark = pytest.mark.slow  # minutes; make test-all


# Runs "$@" where none of our own tools is: files that cannot be run are in their places.
WITHOUT = """\
set -eu
for name in $0; do
    path=$(PATH=/usr/sbin:/usr/bin command -v "$name") && mount --bind /dev/null "$path"
done
exec "$@"
"""
HIDDEN = "apt-get apt-cache apt-config dpkg-deb mke2fs debugfs mkfs.vfat mcopy sfdisk grub-mkimage"


def test_a_build_on_a_host_that_has_no_tools(somebody: Yard, tools: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can hide programs")
    yard, mine = somebody, somebody.person
    hiding = ("unshare", "-m", "sh", "-c", WITHOUT, HIDDEN, *mine.before)
    yard.person = replace(mine, before=hiding)
    disk = "part /boot/efi --fstype=efi --size=40\npart / --fstype=ext4 --size=64"
    more = f"%post --nochroot --erroronfail\ncp /{MARK} $INSTALL_ROOT/var/lib/mark\n%end\n"
    recipe = yard.recipe("linux-image-tiny", disk=disk, more=more)
    recipe.write_text(recipe.read_text().replace("bootloader --disabled", "bootloader"))
    lacking = yard.build(recipe, "-f", "raw", status=3)
    assert "not installed: " in lacking.err
    ended = yard.build(recipe, "-f", "raw", "--tools", tools)
    assert "of the tools" in ended.said
    table = json.loads(command.run(["sfdisk", "--json", yard.image()]))["partitiontable"]
    where = f"{yard.image()}?offset={table['partitions'][1]['start'] * 512}"
    assert command.run(["debugfs", "-R", "cat /var/lib/mark", where]).endswith("of the tools\n")


def test_a_tool_that_the_other_root_lacks_ends_the_build(yard: Yard, tools: Path) -> None:
    ended = yard.build(yard.recipe(), "-f", "qcow2", "--tools", tools, status=3)
    assert f"not installed in {tools}: qemu-img" in ended.err
    assert f"in {tools}: apt-get install qemu-utils" in ended.err
    ended = yard.build(yard.recipe(), "--tools", yard.place, status=3)
    assert f"{yard.place} is not the root of a system" in ended.err
