"""The packages of the program itself: what they hold, and that what they ask for is enough."""

import base64
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.boot.conftest import appliance

PROJECT = Path(__file__).parents[2]
HELD = (
    "/usr/bin/appliance", "/usr/bin/appliance-creator",
    "/usr/share/man/man1/appliance.1.gz", "/usr/share/man/man1/appliance-creator.1.gz",
    "/usr/share/man/man1/appliance-build.1.gz", "/usr/share/man/man1/virt-image.1.gz",
    "/usr/share/bash-completion/completions/appliance",
    "/usr/share/fish/vendor_completions.d/appliance.fish",
    "/usr/share/appliance-tools/aos-fedora.ks", "/usr/share/appliance-tools/aos-debian.ks",
    "/usr/share/appliance-tools/snippets/credentials-debian.ks",
    "/usr/share/appliance-tools/python/appliance/scaffold/templates/common/dot-gitlab-ci.yml",
    "/usr/share/appliance-tools/shop-debian.toml", "/usr/share/appliance-tools/shop/app/shop.py",
)  # fmt: skip
RECIPE = """\
repo --name=debian-trixie
clearpart --all --initlabel --disklabel=gpt
part / --fstype=ext4 --size=1500
bootloader --location=none
%packages --excludedocs --inst-langs= --exclude-weakdeps
{depends}
%end
%post --erroronfail
base64 -d > /tmp/own.deb << 'END'
{package}
END
dpkg -i /tmp/own.deb
%end
"""
USE = """\
set -e
appliance --version
appliance check /usr/share/appliance-tools/aos-debian.ks
appliance check /usr/share/appliance-tools/aos-fedora.ks
appliance new /tmp/shop --like web --family debian
appliance check /tmp/shop/shop.ks
appliance-creator --help | grep -q -- --checksum
appliance plan /usr/share/appliance-tools/aos-fedora.ks > /dev/null 2> /tmp/said && exit 1
grep -q 'not installed: dnf' /tmp/said
"""


def made(kind: str, place: Path) -> Path:
    done = subprocess.run(
        [PROJECT / f"scripts/make-{kind}", place], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (PROJECT / ".venv").exists():
        pytest.skip("the packages are made with .venv")
    return made("deb", tmp_path_factory.mktemp("deb"))


def test_the_debian_package_holds_everything(deb: Path) -> None:
    said = subprocess.run(["dpkg-deb", "-c", deb], capture_output=True, text=True, check=True)
    names = {line.split()[5].removeprefix(".") for line in said.stdout.splitlines()}
    assert {*HELD, "/usr/share/zsh/vendor-completions/_appliance"} <= names
    assert all(line.split()[1] == "root/root" for line in said.stdout.splitlines())
    assert not [name for name in names if "__pycache__" in name]


def test_the_rpm_package_holds_everything_and_runs_anywhere(tmp_path: Path) -> None:
    if not shutil.which("rpmbuild"):
        pytest.skip("rpmbuild is not here")
    package = made("rpm", tmp_path)
    listed = subprocess.run(["rpm", "-qpl", package], capture_output=True, text=True, check=True)
    held = {*HELD, "/usr/share/zsh/site-functions/_appliance"}
    assert held <= set(listed.stdout.split())
    asked = subprocess.run(["rpm", "-qpR", package], capture_output=True, text=True, check=True)
    for name in (
        *("python3-pykickstart", "python3-httpx", "python3-jinja2"),
        *("e2fsprogs", "qemu-img", "(dnf5 or dnf)"),
    ):
        assert name in asked.stdout


@pytest.mark.slow
def test_the_debian_package_works_with_what_it_asks_for(deb: Path, tmp_path: Path) -> None:
    """Installed by dpkg, which looks at its dependencies, in a root of nothing else."""
    control = (PROJECT / "packaging/control").read_text()
    depends = re.search(r"^Depends: (.*)$", control, re.MULTILINE)
    assert depends
    names = [re.sub(r"\s*\(.*\)", "", item) for item in depends[1].split(", ")]
    recipe = tmp_path / "own.ks"
    package = base64.encodebytes(deb.read_bytes()).decode()
    recipe.write_text(RECIPE.format(depends="\n".join(names), package=package))

    built = appliance("build", recipe, "-q", "-o", tmp_path / "out", "--store", tmp_path / "store")
    assert built.returncode == 0, built.stderr
    used = appliance("shell", tmp_path / "out/own", "--", "sh", "-c", USE)

    assert used.returncode == 0, f"{used.stdout}\n{used.stderr}"
