"""The files of installed packages, handed over under the names that distributions give them."""

from pathlib import Path

import pytest

from appliance.backends.package_managers.model import LockedPackage
from appliance.errors import RequestError, SourceError
from appliance.handover.package_cache import file_name, fill


def package(name: str, version: str, architecture: str, path: str) -> LockedPackage:
    return LockedPackage(name, version, architecture, "ab", 1, "r", path)


NAMES = [
    (package("bash", "5.2-3.fc44", "x86_64", "Packages/b/bash.rpm"), "bash-5.2-3.fc44.x86_64.rpm"),
    (package("shadow", "2:4.1-1", "i686", "x/y.rpm"), "shadow-4.1-1.i686.rpm"),
    (package("dash", "1:0.5-2", "amd64", "pool/dash_0.5-2_amd64.deb"), "dash_0.5-2_amd64.deb"),
]


@pytest.mark.parametrize(("locked", "name"), NAMES)
def test_names(locked: LockedPackage, name: str) -> None:
    assert file_name(locked) == name


def test_a_cache_holds_the_last_build_and_no_other(tmp_path: Path) -> None:
    files = {}
    for locked, _ in NAMES:
        files[locked] = tmp_path / locked.name
        files[locked].write_text(locked.name)
    cache = tmp_path / "cache"
    fill(cache, files)
    (cache / "other.rpm").write_text("somebody's")
    fill(cache, {NAMES[0][0]: files[NAMES[0][0]]})
    assert sorted(path.name for path in cache.rglob("*")) == [
        "bash-5.2-3.fc44.x86_64.rpm", "other.rpm", "packages"
    ]  # fmt: skip
    assert (cache / "packages/bash-5.2-3.fc44.x86_64.rpm").read_text() == "bash"

    (cache / "packages/notes").touch()
    with pytest.raises(RequestError, match="notes is not a package"):
        fill(cache, files)


def test_two_packages_with_one_name_leave_the_store_alone(tmp_path: Path) -> None:
    files = {}
    for epoch in ("1", "2"):
        locked = package("shadow", f"{epoch}:4.1-1", "i686", "x/y.rpm")
        files[locked] = tmp_path / epoch
        files[locked].write_text(epoch)
    with pytest.raises(SourceError, match=r"one file name: shadow-4.1-1.i686.rpm"):
        fill(tmp_path / "cache", files)
    assert [path.read_text() for path in files.values()] == ["1", "2"]
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    "parts",
    [
        ("../../evil", "1-1", "i686"),
        ("evil", "1/../../..-1", "i686"),
        ("evil", "1-1", "../i686"),
        ("evil\n", "1-1", "i686"),
        ("", "1-1", "i686"),
    ],
)
def test_a_name_that_is_a_path_is_refused(parts: tuple[str, str, str]) -> None:
    with pytest.raises(SourceError, match="no distribution has"):
        file_name(package(*parts, "x/y.rpm"))
    with pytest.raises(SourceError, match="no distribution has"):
        file_name(package("bash", "1-1", "i686", "x/y.exe"))
