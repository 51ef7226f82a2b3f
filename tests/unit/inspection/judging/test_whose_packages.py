"""A distribution's name may stay on what is made of its own packages, as they are."""

from dataclasses import replace

from appliance.inspection.content_facts import ChangedFile, InstalledPackage
from appliance.inspection.facts import Inspection
from appliance.inspection.judging.whose_packages import FEW, said_of
from appliance.inspection.machine_facts import SystemFacts

CURL = InstalledPackage("curl", "8.14-2", "amd64", "deb", origin="Debian")
DEBIAN = Inspection("web", "bundle", system=SystemFacts(id="debian"), packages=(CURL,), changed=())


def test_its_own_packages_may_keep_its_name() -> None:
    (said,) = said_of(DEBIAN, listed=True)
    assert said.startswith("all 1 packages are unmodified ones of ")
    assert "https://" in said


def test_packages_of_others_are_named() -> None:
    ours = tuple(replace(CURL, name=f"shop{number}", origin="ACME") for number in range(FEW + 2))
    (said,) = said_of(replace(DEBIAN, packages=(CURL, *ours)), listed=True)
    assert said.endswith("packages shop0, shop1, shop2, shop3, shop4 and 2 more")


def test_changed_files_are_named_but_not_configuration() -> None:
    changed = (
        ChangedFile("/usr/bin/curl", "curl", "??5??????"),
        ChangedFile("/usr/share/doc/curl/README", "curl", "missing"),
        ChangedFile("/etc/curlrc", "curl", "??5??????", "c"),
    )
    (said,) = said_of(replace(DEBIAN, changed=changed), listed=True)
    assert said.endswith("file /usr/bin/curl")


def test_a_branded_system_is_judged_by_what_it_is_made_of() -> None:
    shop = replace(DEBIAN, system=SystemFacts(id="shop", like=("debian",)))
    assert said_of(shop, listed=True) == said_of(DEBIAN, listed=True)


def test_what_nobody_says_is_said() -> None:
    assert "package list alone" in said_of(DEBIAN, listed=False)[0]
    assert said_of(replace(DEBIAN, system=SystemFacts(id="haiku")), listed=True) == []
