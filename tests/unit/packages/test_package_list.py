"""What the list tells of each package: where from, whose, and why it is there."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends.package_managers.model import Lock, LockedPackage, LockedRepository
from appliance.backends.package_managers.package_facts import PackageFacts
from appliance.errors import Where
from appliance.packages import facts as kept
from appliance.packages.package_list import listed, reasons
from appliance.recipe.model import Packages, WantedGroup, WantedPackage
from appliance.store.results import Store

HERE = Where(Path("web.ks"), 3)
NGINX = LockedPackage("nginx", "1.26-1", "amd64", "ab", 7, "debian", "pool/n/nginx.deb")


def wanted(*names: str) -> Packages:
    return Packages(names=tuple(WantedPackage(name, HERE) for name in names), core=False)


@pytest.mark.parametrize(
    ("packages", "told", "priority", "reason"),
    [
        (wanted("nginx"), "", "", "asked"),
        (wanted("ngin*"), "", "", "asked"),
        (wanted("nginx=1.26*"), "", "", "asked"),
        (wanted("nginx:amd64"), "", "", "asked"),
        (wanted(), "", "", "needed"),
        (wanted(), "", "required", "needed"),
        (replace(wanted(), core=True), "", "required", "asked"),
        (replace(wanted(), groups=(WantedGroup("standard", HERE),)), "", "important", "asked"),
        (wanted(), "group", "", "asked"),
        (wanted(), "user", "", "asked"),
        (wanted(), "weak", "", "needed"),
    ],
)
def test_why_a_package_is_there(packages: Packages, told: str, priority: str, reason: str) -> None:
    facts = PackageFacts(priority=priority)
    assert reasons(packages, (), apt=True).of(replace(NGINX, reason=told), facts) == reason


def test_a_setting_is_a_reason_after_the_authors_own_word() -> None:
    why = reasons(wanted("nginx"), ("nginx", "ssh"), apt=False)
    assert why.of(NGINX, PackageFacts()) == "asked"
    assert why.of(replace(NGINX, name="ssh", reason="user"), PackageFacts()) == "setting"


def test_origin_licence_and_needs_come_of_the_whole_list() -> None:
    base = replace(NGINX, name="base")
    repository = LockedRepository("debian", "trixie", ("main",), 1, origin="Debian")
    lock = Lock("debian", "trixie", (), 1, (repository,), (NGINX, base))
    known = (
        PackageFacts(requires=(("base",),), documented_by="base"),
        PackageFacts(licence="MIT", vendor="Somebody"),
    )
    nginx, other = listed(lock, known, reasons(wanted("nginx"), (), apt=True))

    assert (nginx.origin, nginx.licence, nginx.needs) == ("Debian", "MIT", ("base",))
    assert (other.origin, other.licence, other.needs) == ("Somebody", "MIT", ())
    assert (nginx.reason, other.reason) == ("asked", "needed")


class Reading:
    """Reads no file, and counts; see packages.package_files.Kind."""

    suffix = ".deb"

    def __init__(self) -> None:
        self.read: list[Path] = []

    def facts(self, path: Path) -> PackageFacts:
        self.read.append(path)
        return PackageFacts("nginx", requires=(("libc6",),))


@pytest.mark.parametrize("damage", ["", "{}", '{"version": 0, "facts": {}}', "[]"])
def test_facts_are_read_once_and_again_if_what_was_kept_is_damaged(
    tmp_path: Path, damage: str
) -> None:
    store, kind = Store(tmp_path / "store"), Reading()
    store.open()
    assert kept.lacking([NGINX], store) == (NGINX,)

    first = kept.known([NGINX], kind, store)  # type: ignore[arg-type]
    assert kept.known([NGINX], kind, store) == first  # type: ignore[arg-type]
    assert len(kind.read) == 1
    assert kept.lacking([NGINX], store) == ()

    (store.packages / "ab.facts").write_text(damage)
    assert kept.lacking([NGINX], store) == (NGINX,)
    assert kept.known([NGINX], kind, store) == first  # type: ignore[arg-type]
