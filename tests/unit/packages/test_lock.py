"""A lock as a file, what it is valid for, and what is said if it is not."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from appliance.backends.families.debian import DEBIAN
from appliance.backends.families.question import Question
from appliance.backends.package_managers.model import Lock, LockedPackage, LockedRepository
from appliance.codec import decode
from appliance.errors import SourceError, Where
from appliance.events import phase
from appliance.layout.join import join
from appliance.packages import resolve
from appliance.packages.asking import Selection
from appliance.packages.resolve import lock_path, lock_text, request, use_lock
from appliance.recipe.model import (
    Packages,
    Recipe,
    Repository,
    WantedGroup,
    WantedPackage,
)
from appliance.recipe.repository_options import RepositoryOptions
from appliance.recipe.settings import Settings
from appliance.recipe.volumes import BootSettings, Volume
from appliance.store.results import Store

HERE = Where(Path("web.ks"), 3)
SUM = "0" * 64
FIRST = LockedPackage("nginx", "1.26-1", "amd64", SUM, 7, "debian", "pool/n/nginx.deb")
SECOND = replace(FIRST, name="dpkg", essential=True, payload="1" * 64, reason="user")
REPOSITORY = LockedRepository("debian", "trixie", ("main",), 1_700_000_000)
LOCK = Lock("debian", "trixie", ("nginx",), 5, (REPOSITORY,), (FIRST, SECOND), "aarch64")


def wanted(*names: str) -> tuple[WantedPackage, ...]:
    return tuple(WantedPackage(name, HERE) for name in names)


def recipe(packages: Packages) -> Recipe:
    return Recipe(
        name="web",
        repositories=(Repository("debian-trixie", "", HERE),),
        packages=packages,
        volumes=(Volume("/", "ext4", 1 << 30, "sda", HERE),),
        table="gpt",
        boot_loader=BootSettings(enabled=False),
        settings=Settings(),
        scripts=(),
        notes=(),
        source="",
    )


@dataclass
class Asked:
    """Somebody with an answer at hand; see packages.asking.Ask."""

    packages: Packages = field(default_factory=Packages)
    release: str = "trixie"
    extra: tuple[str, ...] = ()
    clock: int = 0
    dates: tuple[int, ...] = (3, 9, 4)
    architecture: str = LOCK.architecture
    family = DEBIAN

    @property
    def question(self) -> Question:
        made = recipe(self.packages)
        options = RepositoryOptions(clock=self.clock)
        return Question(made, join(made), options, self.architecture)

    def words(self) -> tuple[str, ...]:
        return self.extra

    def ask(self, store: Store, emit: Any) -> Selection:
        repositories = tuple(replace(REPOSITORY, date=date) for date in self.dates)
        return Selection(repositories, (FIRST,))


def asked(**said: Any) -> Any:
    return Asked(**said)


def said(packages: Packages) -> set[str]:
    """What *packages* add to the request of a recipe without any."""
    return set(request(asked(packages=packages), "x86_64")) - set(request(asked(), "x86_64"))


@pytest.mark.parametrize(
    ("packages", "words"),
    [
        (Packages(names=wanted("nginx", "a*")), {"nginx", "a*"}),
        (Packages(excluded=wanted("vim")), {"-vim"}),
        (Packages(groups=(WantedGroup("web", HERE),)), {"@web"}),
        (Packages(groups=(WantedGroup("web", HERE, "mandatory"),)), {"@web --nodefaults"}),
        (Packages(groups=(WantedGroup("web", HERE, "optional"),)), {"@web --optional"}),
        (Packages(excluded_groups=wanted("web")), {"-@web"}),
        (Packages(environment=wanted("server")[0]), {"@^server"}),
        (Packages(core=False), {"--nocore"}),
        (Packages(weak_dependencies=False), {"--exclude-weakdeps"}),
        (Packages(ignore_missing=True), {"--ignoremissing"}),
        (Packages(ignore_broken=True), {"--ignorebroken"}),
        (Packages(multilib=True), {"--multilib"}),
        (Packages(documentation=False, languages=()), set()),
    ],
)
def test_all_that_decides_about_packages_is_in_the_request(
    packages: Packages, words: set[str]
) -> None:
    assert said(packages) == words


def test_the_family_its_release_and_what_it_needs_are_in_it_too() -> None:
    words = request(asked(extra=("from x",)), "x86_64")

    assert {"debian-trixie", "from x", "udev"} <= set(words)
    assert list(words) == sorted(set(words))
    assert "debian" in request(asked(release=""), "x86_64")


def write(tmp_path: Path, who: Any, **changes: Any) -> Path:
    path = tmp_path / "web.lock"
    lock = replace(LOCK, request=request(who, LOCK.architecture), **changes)
    path.write_text(lock_text(lock))
    return path


def test_a_lock_is_read_back_as_it_was(tmp_path: Path) -> None:
    assert decode(Lock, json.loads(lock_text(LOCK))) == LOCK
    who = asked()
    path = write(tmp_path, who)

    assert use_lock(path, who).lock == replace(LOCK, request=request(who, "aarch64"))


def test_a_lock_for_another_machine_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, asked())
    with pytest.raises(
        SourceError, match=r"web\.lock is for aarch64, and not for x86_64"
    ) as caught:
        use_lock(path, asked(architecture="x86_64"))
    assert caught.value.hint.startswith("--arch aarch64")


def test_a_package_is_a_line_without_what_is_usual() -> None:
    rows = [line for line in lock_text(LOCK).splitlines() if "pool/n" in line]

    assert len(rows) == 2
    assert set(json.loads(rows[0].strip(" ,"))) == {
        *("name", "version", "architecture", "sha256", "size", "repository", "path")
    }
    assert json.loads(rows[1].strip(" ,"))["essential"] is True


def test_a_lock_of_nothing_is_json_too() -> None:
    empty = replace(LOCK, packages=())

    assert decode(Lock, json.loads(lock_text(empty))) == empty


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", lock_text(LOCK).replace('"family"', '"familie"'), b"\xff"],
)
def test_what_is_no_lock(text: str | bytes, tmp_path: Path) -> None:
    path = tmp_path / "web.lock"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(SourceError, match="is not a lock that this version reads") as caught:
        use_lock(path, asked())
    assert caught.value.hint == "appliance lock, or appliance build --update-lock"


def test_a_package_that_the_lock_lacks_is_told_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, asked())

    with pytest.raises(SourceError, match="'nginx' is not in the lock") as caught:
        use_lock(path, asked(packages=Packages(names=wanted("nginx"))))
    assert caught.value.where == HERE
    with pytest.raises(SourceError, match="'-vim' is not in the lock") as caught:
        use_lock(path, asked(packages=Packages(excluded=wanted("vim"))))
    assert caught.value.where is None


def test_a_lock_for_more_is_for_something_else(tmp_path: Path) -> None:
    path = write(tmp_path, asked(packages=Packages(names=wanted("nginx"))))

    with pytest.raises(SourceError, match="is for 'nginx' too"):
        use_lock(path, asked())


@pytest.mark.parametrize(("typed", "used"), [(0, 5), (8, 8)])
def test_source_date_epoch_comes_before_the_locks_clock(
    typed: int, used: int, tmp_path: Path
) -> None:
    assert use_lock(write(tmp_path, asked()), asked(clock=typed)).lock.clock == used


@pytest.mark.parametrize(("typed", "clock"), [(0, 9), (8, 8)])
def test_a_new_locks_clock_is_that_of_the_newest_repository(
    typed: int, clock: int, tmp_path: Path
) -> None:
    who = asked(clock=typed)

    found = resolve.resolve(who, Store(tmp_path), print)

    assert found.lock.clock == clock
    assert found.lock.request == request(who, "x86_64")
    assert found.ask is who


def test_a_lock_lies_beside_its_kickstart() -> None:
    assert lock_path(Path("a/web.v2.ks")) == Path("a/web.v2.lock")


@pytest.mark.parametrize(
    ("address", "filled"),
    [
        ("http://a/$stream/x", "http://a/9/x"),
        ("http://a/${stream}x", "http://a/9x"),
        ("http://a/$streams/$releasever", "http://a/$streams/$releasever"),
        ("$", "$"),
        ("", ""),
    ],
)
def test_variables_in_addresses(address: str, filled: str) -> None:
    assert resolve.filled(address, (("stream", "9"),)) == filled


def test_a_phase_tells_its_time_and_what_came_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([10.0, 12.5])
    monkeypatch.setattr("appliance.events.time.monotonic", lambda: next(now))
    heard: list[Any] = []

    with phase("resolve", heard.append) as done:
        done("7 packages")

    assert [type(event).__name__ for event in heard] == ["PhaseStarted", "PhaseFinished"]
    assert (heard[1].seconds, heard[1].remark) == (2.5, "7 packages")
