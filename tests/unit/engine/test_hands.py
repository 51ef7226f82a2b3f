"""Where a running step finds results and packages, and what becomes events."""

from pathlib import Path

import pytest

from appliance.engine.hands import Hands, KeptPackages, KeptResults
from appliance.engine.inside import NOTE
from appliance.engine.tree import Tree
from appliance.errors import Where
from appliance.events import Event, Noted, Progress, ToolSaid, Warned
from appliance.layout.identity import stable_uuid
from appliance.store.results import Store
from appliance.store.warnings import warnings
from appliance.work.results import DiskImage, FilesystemImage, FormattedImage, Labels, Result

DISK, IMAGE, PART = DiskImage("sda"), FormattedImage("sda", "raw"), FilesystemImage("/")
DIGESTS: dict[Result, str] = {DISK: "d" * 64, IMAGE: "e" * 64, PART: "f" * 64}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "store")
    made.open()
    return made


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def hands(store: Store, tmp_path: Path, heard: list[Event]) -> Hands:
    return Hands(
        clock=7,
        cores=1,
        gives=IMAGE,
        digests=DIGESTS,
        scratch=tmp_path,
        draft=store.drafts / "e",
        passing=tmp_path / "passing",
        layers=Tree(tmp_path / "root", store, 1),
        emit=heard.append,
        secrets={"env:A": "hunter2", "${PW}": "horse"},
    )


def test_a_result_is_where_it_is_made_kept_or_passes(hands: Hands, store: Store) -> None:
    places = hands.results

    assert places == KeptResults(store, DIGESTS, IMAGE, hands.draft, hands.passing)
    assert places.path(IMAGE) == store.drafts / "e/data"
    assert places.path(DISK) == store.results / ("d" * 64) / "data"
    assert places.path(PART) == hands.passing / ("f" * 64) / "data"
    with pytest.raises(KeyError):
        places.path(Labels())


def test_what_was_made_is_moved_to_where_it_is_kept(hands: Hands, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.write_text("disk")
    hands.draft.mkdir()

    hands.results.keep(made)

    assert (hands.draft / "data").read_text() == "disk"
    assert not made.exists()


def test_a_package_is_found_of_whichever_kind(store: Store) -> None:
    (store.packages / "a.rpm").touch()

    assert KeptPackages(store.packages).find("a") == store.packages / "a.rpm"
    assert KeptPackages(store.packages).find("b") == store.packages / "b.deb"


def test_an_identity_is_that_of_the_digest(hands: Hands) -> None:
    assert hands.identity == stable_uuid("e" * 64)


def test_what_is_told_becomes_events(hands: Hands, heard: list[Event]) -> None:
    hands.progress(1, 2, "partitions")
    hands.note("careful")
    hands.jail.said("a line")
    hands.jail.note("and a note")

    assert heard == [
        Progress("image:sda.raw", 1, 2, "partitions"),
        Noted("careful"),
        ToolSaid("image:sda.raw", "a line"),
        Noted("and a note"),
    ]
    assert NOTE.endswith(" ")


def test_secrets_are_at_hand_and_not_in_what_is_printed(hands: Hands) -> None:
    assert hands.passphrase("env:A", Where(Path("web.ks"), 1)) == "hunter2"
    assert "hunter2" not in repr(hands)


def test_a_tools_file_is_found_in_the_tools_root(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "usr").mkdir()
    (tmp_path / "lib").symlink_to("/usr")
    (tmp_path / "usr/x").touch()
    inside = Hands(**{**vars(hands), "tools": str(tmp_path)})

    assert inside.tool_file("/lib/x") == tmp_path / "usr/x"
    assert hands.tool_file("/none/x") == Path("/none/x")


def test_a_warning_is_kept_without_the_secrets_in_it(hands: Hands, heard: list[Event]) -> None:
    hands.draft.mkdir()
    knowing = Hands(**{**vars(hands), "secrets": {"${PW}": "hunter2"}})
    knowing.warn("%post failed: no hunter2", Where(Path("web.ks"), 3))

    assert warnings(hands.draft) == ("%post failed: no ${PW}",)
    assert isinstance(heard[-1], Warned)
