"""Releases that nobody names: what check and a build say of them."""

import json
import shutil

from rpm_distribution.world import World
from rpm_fixtures import RpmYard


def test_a_mirror_that_says_nothing_is_said(rpm_yard: RpmYard) -> None:
    recipe = rpm_yard.recipe("greeting")
    looked = rpm_yard.run("check", recipe, "--no-gpg-check", "base", "--releasever", "")
    refused = rpm_yard.run("build", recipe, "-f", "raw", "--releasever", "40")
    built = rpm_yard.build(recipe, "-f", "raw", "--releasever", "fedora-40")

    assert looked.status == 0
    assert "a build asks them, and stops if they do not say it" in looked.out
    assert refused.status == 7
    assert "nothing says whose packages these are" in refused.err
    assert "try: --releasever fedora-44" in refused.err
    assert "no address says whose packages these are: taken for those of Fedora" in built.said
    assert "Fedora Linux 40 is not tested here (42, 43, 44, 45 are)" in built.said


def test_a_treeinfo_says_whose_packages_they_are(rpm_yard: RpmYard, tiny_rpm_world: World) -> None:
    """A copy of the mirror's directory, with what an installation tree has at its root."""
    tree = rpm_yard.place / "tree"
    shutil.copytree(tiny_rpm_world.place / "base", tree)
    (tree / ".treeinfo").write_text("[general]\nfamily = Fedora\nversion = 44\n")
    recipe = rpm_yard.recipe("greeting", lines=f"repo --name=base --baseurl=file://{tree}\n")
    ended = rpm_yard.run("lock", recipe, "--releasever", "")
    assert ended.status == 0, ended.err
    lock = json.loads(recipe.with_suffix(".lock").read_text())
    assert (lock["family"], lock["release"]) == ("fedora", "44")
