"""What an image needs to open its own disks."""

from pathlib import Path

import pytest

from appliance.backends.families.debian import DEBIAN
from appliance.backends.families.rpm_packages import needed
from appliance.backends.families.shell.rpm_boot import dracut_configuration
from appliance.layout.join import join
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe
from appliance.recipe.reading.load import load

ROOT = "part / --fstype=ext4 --size=900 --encrypted --passphrase=x\n"
DATA = "part / --fstype=ext4 --size=900\npart /srv --size=90 --encrypted --passphrase=x\n"
PLAIN = "part / --fstype=ext4 --size=900\n"


def asked(tmp_path: Path, layout: str, repository: str) -> tuple[Recipe, Storage]:
    path = tmp_path / "a.ks"
    boot = "part biosboot --size=1\npart /boot --fstype=ext4 --size=100\n"
    path.write_text(f"repo --name={repository}\n{boot}{layout}%packages\n%end\n")
    recipe = load(path)
    return recipe, join(recipe)


@pytest.mark.parametrize(("layout", "there"), [(ROOT, True), (DATA, True), (PLAIN, False)])
def test_what_opens_a_container_is_installed(layout: str, there: bool, tmp_path: Path) -> None:
    fedora = needed(*asked(tmp_path, layout, "fedora-44"), architecture="x86_64")
    debian = DEBIAN.needed_packages(
        *asked(tmp_path, layout, "debian-trixie"), architecture="x86_64"
    )

    assert ("cryptsetup" in fedora) == there
    assert ("cryptsetup-initramfs" in debian) == there
    assert ("systemd-cryptsetup" in debian) == (layout == DATA)


@pytest.mark.parametrize(("layout", "there"), [(ROOT, True), (DATA, False), (PLAIN, False)])
def test_an_initramfs_opens_what_the_root_is_in(layout: str, there: bool, tmp_path: Path) -> None:
    omitted = dracut_configuration(asked(tmp_path, layout, "fedora-44")[1]).split()

    for module in ("crypt", "systemd-cryptsetup", "dm"):
        assert (module not in omitted) == there
