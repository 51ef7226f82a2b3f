"""This machine's resolv.conf is lent to a script, and never stays in the image."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.engine import name_servers
from appliance.engine.name_servers import lent_resolver
from appliance.host import rooted

OURS = "# this machine's\nnameserver 192.0.2.53\n"
CLOCK = 1_700_000_000


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    host = tmp_path / "host.conf"
    host.write_text(OURS)
    monkeypatch.setattr(name_servers, "HOST", host)
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    return root


def own(root: Path) -> Path:
    return root / "etc/host.conf"  # HOST's name, in the image


def lend(root: Path, script: Callable[[Path], object]) -> None:
    with lent_resolver(lambda path: rooted.find(root, path), CLOCK):
        script(own(root))


def as_it_is(place: Path) -> object:
    """What somebody would see of the file and its directory."""
    link = place.readlink() if place.is_symlink() else None
    status = place.lstat() if link or place.exists() else None
    kept = (status.st_mode, status.st_mtime_ns) if status else None
    return link, kept, place.is_file() and place.read_text(), place.parent.stat().st_mtime_ns


def test_nothing_is_left_where_nothing_was(root: Path) -> None:
    os.utime(root / "etc", (5, 5))
    seen: list[str] = []

    lend(root, lambda place: seen.append(place.read_text()))

    assert seen == [OURS]
    assert as_it_is(own(root)) == (None, None, False, 5 * 10**9)


def test_a_file_without_servers_comes_back_as_it_was(root: Path) -> None:
    own(root).write_text("options rotate\n")
    own(root).chmod(0o600)
    os.utime(own(root), (7, 7))
    os.utime(root / "etc", (5, 5))
    before = as_it_is(own(root))

    lend(root, lambda place: None)

    assert as_it_is(own(root)) == before


def test_a_link_comes_back_even_if_it_leads_nowhere(root: Path) -> None:
    own(root).symlink_to("../run/systemd/resolve/stub-resolv.conf")
    seen: list[str] = []

    lend(root, lambda place: seen.append(place.read_text()))

    assert seen == [OURS]
    assert own(root).readlink() == Path("../run/systemd/resolve/stub-resolv.conf")
    assert own(root).lstat().st_mtime == CLOCK


def test_a_link_is_never_written_through(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine\n")
    own(root).symlink_to(outside)

    lend(root, lambda place: None)

    assert outside.read_text() == "mine\n"


def test_an_image_with_servers_of_its_own_keeps_them(root: Path) -> None:
    own(root).write_text("nameserver 198.51.100.1\n")
    seen: list[str] = []

    lend(root, lambda place: seen.append(place.read_text()))

    assert seen == [own(root).read_text()] == ["nameserver 198.51.100.1\n"]


def append(text: str) -> Callable[[Path], object]:
    return lambda place: place.write_text(place.read_text() + text)


def link(place: Path) -> None:
    place.unlink()
    place.symlink_to("/run/x")


@pytest.mark.parametrize(
    ("script", "left"),
    [
        (lambda place: place.write_text(""), ""),
        (lambda place: place.write_text("nameserver 203.0.113.1\n"), "nameserver 203.0.113.1\n"),
        (append("nameserver 203.0.113.1\n"), "options rotate\nnameserver 203.0.113.1\n"),
        (
            lambda place: place.write_text("# first\n" + place.read_text()),
            "# first\noptions rotate\n",
        ),
    ],
    ids=["truncated", "replaced", "appended", "before it"],
)
def test_what_a_script_makes_of_it_stays_without_our_servers(
    script: Callable[[Path], object], left: str, root: Path
) -> None:
    own(root).write_text("options rotate\n")

    lend(root, script)

    assert own(root).read_text() == left


def test_what_is_added_begins_a_line_of_its_own(root: Path) -> None:
    own(root).write_text("options rotate")

    lend(root, append("search a.example\n"))

    assert own(root).read_text() == "options rotate\nsearch a.example\n"


def test_what_a_script_removes_is_removed_and_its_link_stays(root: Path) -> None:
    own(root).write_text("options rotate\n")

    lend(root, Path.unlink)
    assert not own(root).exists()
    lend(root, link)
    assert own(root).readlink() == Path("/run/x")


def test_a_script_that_fails_leaves_nothing_of_ours_either(root: Path) -> None:
    def fail(place: Path) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        lend(root, fail)
    assert not own(root).exists()


def test_a_script_that_moves_etc_away_is_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/host.conf").write_text(OURS)

    def move(place: Path) -> None:
        (root / "etc").rename(root / "old")
        (root / "etc").symlink_to("/elsewhere")

    lend(root, move)

    assert (tmp_path / "elsewhere/host.conf").read_text() == OURS


@pytest.mark.parametrize("gone", ["host", "etc"])
def test_without_a_file_or_a_place_for_it_nothing_is_lent(
    gone: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if gone == "host":
        monkeypatch.setattr(name_servers, "HOST", root / "none/host.conf")
    else:
        (root / "etc").rmdir()
    seen: list[bool] = []

    lend(root, lambda place: seen.append(place.exists()))

    assert seen == [False]
