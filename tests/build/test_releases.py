"""Releases that nobody names: what check and a build say of them."""

from rpm_fixtures import RpmYard


def test_a_mirror_that_says_nothing_is_said(rpm_yard: RpmYard) -> None:
    recipe = rpm_yard.recipe("greeting")
    looked = rpm_yard.run("check", recipe, "--no-gpg-check", "base")
    built = rpm_yard.build(recipe, "-f", "raw", "--releasever", "40")

    assert looked.status == 0
    for said in (looked.out, built.said):
        assert "no address says whose packages these are: taken for those of Fedora" in said
    assert "Fedora Linux 40 is not tested here (42, 43, 44, 45 are)" in built.said
