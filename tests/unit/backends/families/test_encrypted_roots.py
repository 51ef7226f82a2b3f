"""What an image needs to open its own disks."""

from pathlib import Path

import pytest

from appliance.backends.families.debian import Debian
from appliance.backends.families.rpm_packages import needed
from appliance.backends.families.shell.rpm_boot import dracut_configuration
from appliance.recipe.model import Recipe
from appliance.recipe.reading.load import load

ROOT = "part / --fstype=ext4 --size=900 --encrypted --passphrase=x\n"
DATA = "part / --fstype=ext4 --size=900\npart /srv --size=90 --encrypted --passphrase=x\n"
PLAIN = "part / --fstype=ext4 --size=900\n"


def recipe(tmp_path: Path, layout: str, repository: str) -> Recipe:
    path = tmp_path / "a.ks"
    boot = "part biosboot --size=1\npart /boot --fstype=ext4 --size=100\n"
    path.write_text(f"repo --name={repository}\n{boot}{layout}%packages\n%end\n")
    return load(path)


@pytest.mark.parametrize(("layout", "there"), [(ROOT, True), (DATA, True), (PLAIN, False)])
def test_what_opens_a_container_is_installed(layout: str, there: bool, tmp_path: Path) -> None:
    fedora = needed(recipe(tmp_path, layout, "fedora-44"), "x86_64")
    debian = Debian().needed_packages(recipe(tmp_path, layout, "debian-trixie"), "x86_64")

    assert ("cryptsetup" in fedora) == there
    assert ("cryptsetup-initramfs" in debian) == there
    assert ("systemd-cryptsetup" in debian) == (layout == DATA)


@pytest.mark.parametrize(("layout", "there"), [(ROOT, True), (DATA, False), (PLAIN, False)])
def test_an_initramfs_opens_what_the_root_is_in(layout: str, there: bool, tmp_path: Path) -> None:
    omitted = dracut_configuration(recipe(tmp_path, layout, "fedora-44")).split()

    for module in ("crypt", "systemd-cryptsetup", "dm"):
        assert (module not in omitted) == there
