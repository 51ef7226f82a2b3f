"""dnf5, and rpm 6, from the tools that the product makes itself: same packages, same files."""

import re
from pathlib import Path

import pytest
from tests.boot.conftest import appliance

from rpm_distribution.world import World

pytestmark = pytest.mark.slow  # minutes; make test-all


RECIPE = """\
{lines}
rootpw secret
clearpart --all --initlabel --disklabel=gpt
part / --fstype=ext4 --size=400
bootloader --location=none
%packages --exclude-weakdeps
@core
greeting
setuid
capabilities
links
%end
"""
# What the two keep apart, and the database that each rpm writes in its own way.
OWN = re.compile(
    r"/usr/lib/sysimage(/|:|$)|/var/lib/dnf(/|:|$)|/etc/dnf(/|:|$)|superblock|descriptors|bitmap|"
    r"inode numbers|atime|ctime|crtime|SHA256SUMS|packages\.json|/etc/\.updated|"
    r"/var/\.updated|\.bmap|appliance\.json|tiny\.xml"
)


def built(recipe: Path, world: World, place: Path, *words: str) -> Path:
    done = appliance(
        "build", recipe, "-q", "-f", "raw", "--keyring", world.key, "--releasever", "fedora",
        "-o", place / "out", "--store", place.parent / "store", *words,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return place / "out" / recipe.stem


@pytest.fixture(scope="module")
def recipe(tiny_rpm_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dnf5") / "tiny.ks"
    path.write_text(RECIPE.format(lines=tiny_rpm_world.lines("base")))
    return path


def test_both_dnf_install_the_same_files(recipe: Path, tiny_rpm_world: World) -> None:
    """And say the same of why: the manifest is the same, the records of each are its own."""
    four = built(recipe, tiny_rpm_world, recipe.parent / "four")
    five = built(recipe, tiny_rpm_world, recipe.parent / "five", "--tools", "auto")

    said = appliance("diff", four, five, "--section", "bits")

    differences = [line for line in said.stdout.splitlines() if not OWN.search(line)]
    assert differences == [], said.stdout
    assert "/usr/lib/sysimage/libdnf5" in said.stdout, "the second was not made by dnf5"


def test_dnf5_remembers_why_a_package_is_there(recipe: Path, tiny_rpm_world: World) -> None:
    five = built(recipe, tiny_rpm_world, recipe.parent / "five", "--tools", "auto")

    said = appliance("shell", five, "--", "cat", *(
        f"/usr/lib/sysimage/libdnf5/{name}.toml" for name in ("packages", "nevras")
    ))  # fmt: skip

    assert '"greeting.noarch" = {reason = "User"}' in said.stdout
    assert re.search(r'"glibc\.\w+" = \{reason = "Dependency"\}', said.stdout)
    assert "@commandline" not in said.stdout
    assert '{from_repo = "base"}' in said.stdout
