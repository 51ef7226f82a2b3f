"""RPM packages that mean harm do none: the host is as it was."""

import subprocess
from pathlib import Path

import pytest
from tests.boot.conftest import appliance

from rpm_distribution.world import World

RECIPE = """\
{lines}
clearpart --all --initlabel --disklabel=gpt
part / --fstype=ext4 --size=400
bootloader --location=none
%packages --exclude-weakdeps
@core
{package}
%end
"""
DEVICES = {"null", "zero", "full", "random", "urandom", "tty", "fd", "stdin", "stdout",
           "stderr", "pts", "shm", "ptmx", "console"}  # fmt: skip
SYS_ADMIN, MKNOD = 21, 27


def build(package: str, world: World, place: Path) -> "subprocess.CompletedProcess[str]":
    recipe = place / "tiny.ks"
    recipe.write_text(RECIPE.format(lines=world.lines("base"), package=package))
    return appliance(
        "build", recipe, "-q", "-f", "raw", "--keyring", world.key, "--releasever", "fedora",
        "-o", place / "out", "--store", place / "store",
    )  # fmt: skip


def cat(place: Path, path: str) -> str:
    """A file of the image, read by debugfs."""
    image = f"{place}/out/tiny/tiny-sda.raw?offset={1 << 20}"
    words = ["debugfs", "-R", f"cat {path}", image]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@pytest.mark.usefixtures("quiet_host")
def test_a_scriptlet_that_means_harm(tiny_rpm_world: World, tmp_path: Path) -> None:
    done = build("harmful", tiny_rpm_world, tmp_path)

    assert done.returncode == 0, done.stderr
    assert cat(tmp_path, "/var/lib/harm/report") == "done\n"
    status = dict(line.split(":\t") for line in cat(tmp_path, "/var/lib/harm/status").splitlines())
    assert status["NoNewPrivs"] == "1"
    for capability in (SYS_ADMIN, MKNOD):
        assert not int(status["CapBnd"], 16) >> capability & 1
    interfaces = cat(tmp_path, "/var/lib/harm/interfaces").splitlines()
    assert [line.split(":")[0].strip() for line in interfaces][2:] == ["lo"]
    assert set(cat(tmp_path, "/var/lib/harm/devices").split()) <= DEVICES
    places = [line.split()[4] for line in cat(tmp_path, "/var/lib/harm/mountinfo").splitlines()]
    tops = {"/" + place.split("/")[1] for place in places}
    assert tops <= {"/", "/proc", "/sys", "/dev", "/run", "/tmp"}


@pytest.mark.usefixtures("quiet_host")
def test_files_with_a_way_out_stay_inside(tiny_rpm_world: World, tmp_path: Path) -> None:
    """rpm may refuse such a package or put its files where they cannot leave; both are well."""
    build("outside", tiny_rpm_world, tmp_path)

    for name in ("outside-of-the-root", "outside-by-script"):
        for place in (Path("/"), Path("/tmp"), Path("/mnt"), tmp_path, tmp_path.parent):
            assert not (place / name).exists()
