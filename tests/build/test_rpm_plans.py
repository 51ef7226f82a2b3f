"""The shipped kickstarts of the RPM family, planned for each architecture from metadata that has
what their distributions' has: names, groups, architectures."""

import json
import platform
from pathlib import Path
from typing import Any

import pytest
from tests.boot.conftest import appliance

from rpm_distribution.comps import Group
from rpm_distribution.keys import key
from rpm_distribution.repository import publish, ready
from rpm_distribution.rpm_file import Package

CORE = "audit basesystem bash coreutils curl dnf5 dracut-config-rescue e2fsprogs filesystem glibc"
COMMON = (
    f"{CORE} kernel kernel-core chrony openssh-server sudo systemd dracut dracut-config-generic "
    "dosfstools efibootmgr grub2-tools grub2-tools-minimal grubby NetworkManager"
).split()
OWN = {
    "x86_64": ("grub2-pc", "grub2-efi-x64", "shim-x64"),
    "aarch64": ("grub2-efi-aa64", "shim-aa64"),
}
PLACES = {
    "aos-fedora": (
        "releases/44/Everything/{arch}/os",
        "updates/44/Everything/{arch}",
    ),
    "aos-centos-stream": ("10-stream/BaseOS/{arch}/os", "10-stream/AppStream/{arch}/os"),
}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror of both distributions for both architectures, whose packages are empty."""
    place = tmp_path_factory.mktemp("mirror")
    signer = key(place / "gnupg", "Planning")
    (place / "key").write_text(signer.public)
    comps = f"<comps>{Group('core', 'Core', CORE).xml()}</comps>"
    for paths in PLACES.values():
        for arch, own in OWN.items():
            made = [Package(name, "1", "1", arch=arch) for name in (*COMMON, *own)]
            first, second = (place / path.format(arch=arch) for path in paths)
            publish(first, ready(made), signer, groups=comps)
            publish(second, ready([Package("bash", "2", "1", arch=arch)]), signer)
    signer.rest()
    return place


def plan(name: str, arch: str, mirror: Path, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """The fields of each step, by what it gives."""
    done = appliance(
        "plan", Path(__file__).parents[2] / f"kickstarts/{name}.ks", "--json", "--arch", arch,
        "--mirror", f"file://{mirror}", "--keyring", mirror / "key", "--store", tmp_path / "store",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {step["gives"]: step["fields"] for step in json.loads(done.stdout)["steps"]}


@pytest.mark.parametrize("arch", OWN)
@pytest.mark.parametrize("name", PLACES)
def test_what_starts_the_machine_is_of_its_architecture(
    name: str, arch: str, mirror: Path, tmp_path: Path
) -> None:
    steps = plan(name, arch, mirror, tmp_path)

    packages = {item["name"]: item for item in steps["layer:packages"]["packages"]}
    other = OWN["aarch64" if arch == "x86_64" else "x86_64"]
    assert set(OWN[arch]) <= set(packages)
    assert not set(other) & set(packages)
    assert {item["architecture"] for item in packages.values()} == {arch}
    assert packages["bash"]["version"] == "2-1", "updates come first"
    assert "dracut-config-rescue" not in packages
    assert ("boot:bios" in steps) == (arch == "x86_64")
    assert "grubaa64" in steps["layer:boot"]["body"]
    database = dict(steps["layer:packages"]["options"])["database"]
    assert database == "usr/lib/sysimage/rpm"


def test_packages_of_another_architecture_are_planned_but_not_run(
    mirror: Path, tmp_path: Path
) -> None:
    foreign = "x86_64" if platform.machine() == "aarch64" else "aarch64"
    done = appliance(
        "build", Path(__file__).parents[2] / "kickstarts/aos-fedora.ks", "--arch", foreign,
        "--mirror", f"file://{mirror}", "--keyring", mirror / "key", "--store", tmp_path / "store",
        "-o", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert f"cannot run what packages for {foreign} run" in done.stderr
    assert not (tmp_path / "out").exists()
