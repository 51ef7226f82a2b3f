"""Package files come into the store once, checked: from directories instead of servers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from appliance.backends.package_managers.model import LockedPackage
from appliance.errors import SourceError
from appliance.events import Event, Progress
from appliance.host.download import RemoteAccess, WantedFile
from appliance.packages import deb_files
from appliance.packages.deb_files import DebFiles
from appliance.packages.package_files import place, provide
from appliance.packages.rpm_files import RpmFiles
from appliance.store.results import Store

DEAD = 2**22 + 1  # above the highest number of a process (proc(5), pid_max)


@dataclass
class Plain:
    """Files that are kept as they come; see package_files.Kind."""

    suffix = ".pkg"
    unpacked = 1
    signed_again = False
    settled: list[str] = field(default_factory=list)
    told: list[tuple[str, bytes]] = field(default_factory=list)

    def is_whole(self, path: Path, package: LockedPackage) -> bool:
        return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == package.sha256

    def arrived(self, wish: WantedFile) -> None:
        wish.target.rename(wish.target.with_name(f"{wish.sha256}.pkg"))

    def settle(self, packages: Sequence[LockedPackage], folder: Path) -> None:
        self.settled += [package.name for package in packages]

    def payload(self, path: Path) -> str:
        return ""

    def explained(self, error: SourceError, package: LockedPackage, changed: Path) -> SourceError:
        self.told.append((package.name, changed.read_bytes()))
        return SourceError(f"{package.name} is another")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "store")
    made.open()
    return made


@pytest.fixture
def accesses(tmp_path: Path) -> dict[str, RemoteAccess]:
    (tmp_path / "mirror").mkdir()
    return {"main": RemoteAccess((f"file://{tmp_path / 'mirror'}",))}


def published(tmp_path: Path, name: str, content: bytes = b"") -> LockedPackage:
    content = content or name.encode()
    (tmp_path / "mirror" / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return LockedPackage(name, "1", "all", digest, len(content), "main", name)


def test_what_is_missing_is_fetched_and_everything_is_settled(
    store: Store, accesses: dict[str, RemoteAccess], tmp_path: Path
) -> None:
    one, two = published(tmp_path, "one"), published(tmp_path, "two")
    kind, heard = Plain(), list[Event]()

    provide([one], accesses, kind, store=store, emit=heard.append)
    (tmp_path / "mirror/one").unlink()
    provide([one, two], accesses, kind, store=store, emit=heard.append)

    assert [place(store, each, kind).read_text() for each in (one, two)] == ["one", "two"]
    assert kind.settled == ["one", "one", "two"]
    assert heard[-1] == Progress("download", 3, 3, "bytes")
    assert len(list(store.packages.iterdir())) == 2


def test_what_a_bad_disk_broke_is_fetched_again(
    store: Store, accesses: dict[str, RemoteAccess], tmp_path: Path
) -> None:
    one, kind = published(tmp_path, "one"), Plain()
    provide([one], accesses, kind, store=store, emit=print)

    place(store, one, kind).write_text("broken")
    provide([one], accesses, kind, store=store, emit=print)

    assert place(store, one, kind).read_text() == "one"


def test_another_file_at_its_place_is_explained_by_its_kind(
    store: Store, accesses: dict[str, RemoteAccess], tmp_path: Path
) -> None:
    one, kind = replace(published(tmp_path, "one"), sha256="0" * 64), Plain()

    with pytest.raises(SourceError, match="one is another"):
        provide([one], accesses, kind, store=store, emit=print)

    assert kind.told == [("one", b"one")]
    assert kind.settled == []


def test_a_repository_that_the_kickstart_does_not_have(
    store: Store, accesses: dict[str, RemoteAccess], tmp_path: Path
) -> None:
    one = replace(published(tmp_path, "one"), repository="other")

    with pytest.raises(SourceError, match="'other', a repository that the kickstart") as caught:
        provide([one], accesses, Plain(), store=store, emit=print)
    assert caught.value.hint == "appliance lock, or appliance build --update-lock"


def test_what_killed_builds_were_making_goes_and_what_others_fetch_stays(
    store: Store, accesses: dict[str, RemoteAccess], tmp_path: Path
) -> None:
    left = {f"a.{DEAD}.{end}" for end in ("fetched", "fetched.changed", "plain.part", "data")}
    stays = {"a.1.fetched", f"a.{DEAD}.fetched.part"}
    for name in left | stays:
        (store.packages / name).touch()

    provide([published(tmp_path, "one")], accesses, Plain(), store=store, emit=print)

    there = {path.name for path in store.packages.iterdir()}
    assert there & (left | stays) == stays


def member(name: str, body: bytes) -> bytes:
    return deb_files._header(name, len(body)) + body + b"\n" * (len(body) % 2)


@pytest.mark.parametrize("control", [b"abc", b"abcd"])
def test_the_control_member_of_a_deb(control: bytes, tmp_path: Path) -> None:
    deb = tmp_path / "a.deb"
    wanted = member("control.tar.xz", control)
    deb.write_bytes(b"!<arch>\n" + member("debian-binary", b"2.0\n") + wanted + b"rest")

    assert deb_files._control_member(deb) == wanted


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"!<arch>\n",
        b"!<arch>\n" + member("debian-binary", b"2.0\n"),
        b"!<arch>\n" + b"x" * 60,
        b"!<arch>\n" + member("debian-binary", b"2.0\n")[:30],
    ],
)
def test_what_is_no_deb(content: bytes, tmp_path: Path) -> None:
    deb = tmp_path / "a.deb"
    deb.write_bytes(content)

    with pytest.raises(SourceError, match=r"a\.deb is not a Debian package"):
        deb_files._control_member(deb)


def test_a_deb_is_whole_if_it_is_what_was_written(tmp_path: Path) -> None:
    package = LockedPackage("a", "1", "all", "0" * 64, 1, "main", "a.deb")
    path = tmp_path / "a.deb"
    assert not DebFiles().is_whole(path, package)
    path.write_bytes(b"data")
    assert not DebFiles().is_whole(path, package)
    path.with_suffix(".plain").write_text(deb_files._digest(path))
    assert DebFiles().is_whole(path, package)
    path.write_bytes(b"date")
    assert not DebFiles().is_whole(path, package)


def test_an_rpm_is_whole_if_it_has_its_digest_and_is_kept_under_it(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"data").hexdigest()
    package = LockedPackage("a", "1", "noarch", digest, 4, "main", "a.rpm")
    files, fetched = RpmFiles({}, list), tmp_path / "x.fetched"
    fetched.write_bytes(b"data")

    files.arrived(WantedFile(RemoteAccess(), "a.rpm", "a 1", digest, 4, fetched))

    path = tmp_path / f"{digest}.rpm"
    assert files.is_whole(path, package)
    path.write_bytes(b"date")
    assert not files.is_whole(path, package)
    assert not files.is_whole(fetched, package)


def test_a_changed_file_that_is_no_rpm_is_not_explained_and_not_kept(tmp_path: Path) -> None:
    package = LockedPackage("a", "1", "noarch", "0" * 64, 4, "main", "a.rpm")
    changed, error = tmp_path / "changed", SourceError("it is another")
    changed.write_bytes(b"<html>")

    assert RpmFiles({}, list).explained(error, package, changed) is error
    assert not changed.exists()
