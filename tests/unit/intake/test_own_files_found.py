"""Which files of this machine a build takes, and which it refuses to take."""

from pathlib import Path

import pytest

from appliance.errors import RequestError, Where
from appliance.intake.own_files import Brought, Looking, brought
from appliance.recipe.own_files import Copy, OwnFiles, ShownDirectory

WHERE = Where(Path("web.toml"), 2)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "here"
    (place / "app/deep").mkdir(parents=True)
    (place / "app/shop.py").write_text("shop\n")
    (place / "a.conf").write_text("a\n")
    (place / "b.conf").write_text("b\n")
    (place / ".hidden.conf").write_text("c\n")
    (place / "now").symlink_to("app")
    (tmp_path / "private").mkdir()
    (tmp_path / "private/key").write_text("key\n")
    monkeypatch.chdir(place)
    return place


def find(*copies: Copy, shown: tuple[ShownDirectory, ...] = ()) -> Brought:
    return brought(OwnFiles(copies, shown), Path("web.ks"), Looking())


@pytest.mark.parametrize(
    ("source", "dest", "places"),
    [
        ("a.conf", "/etc/x.conf", ["/etc/x.conf"]),
        ("a.conf", "/etc/", ["/etc/a.conf"]),
        ("a.conf", "/", ["/a.conf"]),
        ("app", "/opt/app", ["/opt/app"]),
        ("app", "/opt/app/", ["/opt/app"]),
        ("app/", "/", ["/"]),
        ("now", "/opt/now", ["/opt/now"]),
        ("now", "/opt/", ["/opt/now"]),
        ("now/", "/opt/", ["/opt"]),
        ("*.conf", "/etc", ["/etc/a.conf", "/etc/b.conf"]),
        ("[a].conf", "/etc/", ["/etc/a.conf"]),
        ("a*", "/", ["/a.conf", "/app"]),
        ("**/*.py", "/srv", ["/srv/shop.py"]),
    ],
)
def test_where_everything_goes(here: Path, source: str, dest: str, places: list[str]) -> None:
    assert [each.place for each in find(Copy(source, dest)).files.copies] == places


def test_a_name_with_the_letters_of_a_glob_is_a_name_first(here: Path) -> None:
    (here / "[a].conf").write_text("odd\n")
    assert find(Copy("[a].conf", "/etc/")).files.copies[0].place == "/etc/[a].conf"


def test_a_link_is_a_link_and_a_slash_behind_it_what_it_leads_to(here: Path) -> None:
    link, tree = find(Copy("now", "/a")), find(Copy("now/", "/a"))
    assert link.places[0][1] == here / "now"
    assert tree.places[0][1] == here / "app"
    assert tree.files.copies[0].digest == find(Copy("app", "/a")).files.copies[0].digest


def test_two_files_of_one_name_are_no_result_of_a_glob(here: Path) -> None:
    (here / "b").mkdir()
    (here / "b/shop.py").write_text("other\n")
    with pytest.raises(RequestError, match=r"app/shop.py and .*b/shop.py would be one file"):
        find(Copy("*/shop.py", "/srv"))


def test_mode_owner_and_place_go_along(here: Path) -> None:
    copied = find(Copy("a.conf", "/x", "0600", "shop", where=WHERE)).files.copies[0]
    assert (copied.mode, copied.owner, copied.where) == ("0600", "shop", WHERE)


@pytest.mark.parametrize(
    ("copy", "problem"),
    [
        (Copy("gone", "/x"), "--copy gone: there is no gone"),
        (Copy("~nobody-of-that-name/x", "/x"), "--copy ~nobody-of-that-name/x: there is no"),
        (Copy("x" * 300, "/x"), "--copy xxx"),
        (Copy("*.gone", "/x"), "--copy *.gone: there is no"),
        (Copy("a.conf/", "/x"), "--copy a.conf/: this is a file, not a directory"),
    ],
)
def test_what_is_not_there_is_told(here: Path, copy: Copy, problem: str) -> None:
    with pytest.raises(RequestError) as error:
        find(copy)
    assert str(error.value).startswith(problem)


@pytest.mark.parametrize(
    "source", ["../private/key", "/etc/passwd", ".", "app/..", "out/key", "out", "../private/*"]
)
def test_a_sheet_takes_nothing_from_outside_its_directory(here: Path, source: str) -> None:
    (here / "out").symlink_to("../private")
    copy = Copy(source.replace("out", "out/") if source == "out" else source, "/x", within=here,
                where=WHERE)  # fmt: skip
    with pytest.raises(RequestError, match="a sheet takes files from below") as error:
        find(copy)
    assert error.value.where == WHERE
    with pytest.raises(RequestError, match="a sheet takes files|a file, not|there is no"):
        find(shown=(ShownDirectory(copy.source, here, WHERE),))


def test_a_link_that_leads_outside_is_kept_and_not_read(here: Path) -> None:
    (here / "app/out").symlink_to("../../private/key")
    assert find(Copy("app", "/x", within=here)).count == 2


def test_what_scripts_see(here: Path, tmp_path: Path) -> None:
    (here / "files").mkdir()
    (here / "files/hello").write_text("hello\n")
    found = find(shown=(ShownDirectory("app"), ShownDirectory("files")))

    assert found.shown == (here / "files", here / "app")
    assert found.files.names == ("files", "app")
    assert len(found.files.shown) == 2


def test_without_scripts_nothing_is_looked_into(here: Path) -> None:
    (here / "files").mkdir()
    own = OwnFiles(shown=(ShownDirectory("app"),))
    found = brought(own, Path("web.ks"), Looking(scripts=False))
    assert (found.shown, found.count) == ((), 0)
    with pytest.raises(RequestError, match="there is no gone"):
        brought(OwnFiles(shown=(ShownDirectory("gone"),)), Path("web.ks"), Looking(scripts=False))


def test_a_link_called_files_is_not_shown_unasked(here: Path) -> None:
    (here / "files").symlink_to("../private")
    assert find().shown == ()


def test_a_name_that_is_something_is_no_other_name(here: Path) -> None:
    (here / "app/app").mkdir()
    assert find(shown=(ShownDirectory("app"),)).files.names == ()


def test_one_name_in_two_directories_is_refused(here: Path) -> None:
    (here / "files").mkdir()
    (here / "files/shop.py").write_text("other\n")
    with pytest.raises(RequestError, match=r"'shop.py' is both in .*files and in .*app"):
        find(shown=(ShownDirectory("app"),))


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("gone", "there is no gone"),
        ("a.conf", "a file, not a directory"),
        ("x" * 300, "there is no x"),
        ("~nobody-of-that-name/x", "there is no ~nobody"),
    ],
)
def test_a_directory_that_is_none_is_told(here: Path, path: str, problem: str) -> None:
    with pytest.raises(RequestError, match=problem):
        find(shown=(ShownDirectory(path),))
