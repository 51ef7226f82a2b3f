"""Whole builds onto filesystems that not every host can fill."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from building import Yard
from filling import alone, newest_tools, partition

pytestmark = pytest.mark.slow  # minutes; make test-all


XFS = "part /boot --fstype=ext3 --size=32\npart / --fstype=xfs --size=320 --label=system"


def test_a_root_on_xfs_by_the_newest_tools(yard: Yard) -> None:
    tools = newest_tools()
    if not tools:
        pytest.skip("the newest tools cannot be had here")

    first = yard.build(yard.recipe(disk=XFS), "-f", "raw", "--tools", tools)

    disk = yard.image()
    said = subprocess.run(["sfdisk", "--json", disk], capture_output=True, text=True, check=True)
    second = json.loads(said.stdout)["partitiontable"]["partitions"][1]
    where = partition(second["size"] * 512, start=second["start"] * 512)
    part = alone(disk, where)
    check = subprocess.run(["xfs_repair", "-nf", part], capture_output=True, check=False)
    assert check.returncode == 0, check.stderr
    words = ["xfs_db", "-r", "-c", "path /usr", "-c", "p core.mode", "-c", "ls", part]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert re.search(r"core.mode = 040755", listed)
    assert re.search(r"directory +0x\w+ +\d+ (share|bin)", listed)
    assert "in a machine" not in first.said
    part.unlink()


def test_a_host_whose_programs_are_too_old_names_the_newest_tools(yard: Yard) -> None:
    """It would need a kernel, and this image has none."""
    said = subprocess.run(["mkfs.xfs", "-V"], capture_output=True, text=True, check=True).stdout
    if tuple(map(int, re.findall(r"\d+", said)[:2])) >= (6, 17) or any(
        Path("/boot").glob("vmlinuz*")
    ):
        pytest.skip("this host can do it")

    ended = yard.build(yard.recipe(disk=XFS), "-f", "raw", status=2)

    assert "no kernel of the image has virtio_pci, virtio_blk, xfs" in ended.err
    assert "--tools auto" in ended.err
