"""A kickstart of the kind that the original took, through the words of old: it boots."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.boot.conftest import appliance

import waiting
from rpm_distribution.world import World

CREATOR = "import sys; from appliance.cli.creator import main; sys.exit(main())"
KICKSTART = """\
lang en_US.UTF-8
keyboard us
timezone UTC --utc
rootpw --plaintext open-sesame
network --bootproto=dhcp --device=eth0 --onboot=on
{repositories}
part / --fstype=ext4 --size=1800 --ondisk=sda
part swap --size=64 --ondisk=sda
bootloader --location=mbr --timeout=1
%packages
@core
kernel
grub2
%end
"""


@pytest.mark.slow
def test_an_mbr_disk_of_old_boots(rpm_world: World, tmp_path: Path) -> None:
    kickstart = tmp_path / "old.ks"
    kickstart.write_text(KICKSTART.format(repositories=rpm_world.lines("base")))
    words = ["-c", kickstart, "--version", "13", "--release", "1", "-t", tmp_path, "-o", tmp_path]
    argv = [sys.executable, "-c", CREATOR, *map(str, words)]
    subprocess.run(argv, check=True, capture_output=True)
    assert (tmp_path / "old/old-sda.raw.xz").exists()

    report = tmp_path / "report"
    done = appliance(
        "test", tmp_path / "old", "--login", "root:open-sesame", "--firmware", "bios",
        "--output", report,
    )  # fmt: skip
    waiting.well(done)
