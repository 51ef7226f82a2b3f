"""Whose distribution the packages are of, told by themselves."""

from pathlib import Path

import pytest

from appliance.backends.families.known import RPM_KNOWN
from appliance.backends.families.told import Told
from appliance.backends.package_managers.model import LockedPackage
from appliance.errors import SourceError
from appliance.packages.asking import Ask
from appliance.packages.resolve import settle, settled_again
from appliance.plan.make import Target
from appliance.recipe.reading.load import load
from appliance.recipe.repository_options import RepositoryOptions

MIRROR = "url --url=http://mirror.example.org/os"


def package(name: str, version: str) -> LockedPackage:
    return LockedPackage(name, version, "noarch", "ab", 7, "url", "x.rpm")


def asked(place: Path, source: str = MIRROR, releasever: str = "", distribution: str = "") -> Ask:
    file = place / "web.ks"
    file.write_text(f"{source}\nrootpw --lock\nautopart\n%packages\n%end\n")
    options = RepositoryOptions(lenient=True, releasever=releasever, distribution=distribution)
    return settle(load(file), options, Target(), tools="")


def test_the_family_and_its_choices_are_those_of_the_packages(tmp_path: Path) -> None:
    ask = asked(tmp_path)
    better = settled_again(ask, (package("rocky-release", "8.10-1"),), Target())

    assert (ask.family.name, ask.release) == ("fedora", "")
    assert (better.family.name, better.release) == ("rocky", "8")
    assert ask.question.storage.groups == ()
    assert [group.name for group in better.question.storage.groups] == ["rhel"]


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ("repo --name=rocky-9", (package("fedora-release-common", "44-1"),)),
        ("url --url=http://h/rocky/9/os", (package("rocky-release", "9.5-1"),)),
        ("url --url=http://h/fedora/45/os", (package("fedora-release-common", "45-1"),)),
    ],
)
def test_what_is_known_stays(
    tmp_path: Path, source: str, packages: tuple[LockedPackage, ...]
) -> None:
    ask = asked(tmp_path, source)

    assert settled_again(ask, packages, Target()) is ask


def test_nobody_is_taken_for_fedora_unsaid(tmp_path: Path) -> None:
    ask, packages = asked(tmp_path), (package("bash", "5-1"),)
    with pytest.raises(SourceError, match="nothing says whose packages these are") as caught:
        settled_again(ask, packages, Target())
    assert caught.value.hint.startswith("--releasever fedora-44")
    better = settled_again(ask, packages, Target(), lambda: Told(RPM_KNOWN["almalinux"], "9"))
    assert (better.family.name, better.release) == ("almalinux", "9")
    said = asked(tmp_path, distribution="rocky", releasever="9")
    assert (said.family.name, said.release) == ("rocky", "9")
    assert settled_again(said, packages, Target()) is said


def test_who_says_a_release_is_believed(tmp_path: Path) -> None:
    ask = asked(tmp_path, releasever="10")
    better = settled_again(ask, (package("rocky-release", "9.5-1"),), Target())

    assert (better.family.name, better.release) == ("rocky", "10")


def test_what_is_not_made_here_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Amazon Linux is not made here"):
        settled_again(asked(tmp_path), (package("system-release", "2023.6"),), Target())
