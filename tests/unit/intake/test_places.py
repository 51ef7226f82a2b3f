"""What belongs to a bundle lies below its directory, wherever links lead."""

import os
from pathlib import Path

import pytest

from appliance.errors import RequestError, Where
from appliance.intake import places


@pytest.fixture
def place(tmp_path: Path) -> Path:
    inside = tmp_path / "in"
    (inside / "folder").mkdir(parents=True)
    (tmp_path / "secret").touch()
    (inside / "b").touch()
    (inside / "a").symlink_to("b")
    (inside / "out").symlink_to("../secret")
    (inside / "circle").symlink_to("circle")
    os.mkfifo(inside / "pipe")
    return inside


def test_only_its_own_files_are_counted(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [path.name for path in places.files_in(place)] == ["a", "b"]
    monkeypatch.setattr(places, "MOST_FILES", 3)
    with pytest.raises(RequestError, match="holds more than 3 files"):
        places.files_in(place)


@pytest.mark.parametrize("name", ["a", "b", "folder/../b", "gone"])
def test_what_is_inside(name: str, place: Path) -> None:
    if ".." in name:
        with pytest.raises(RequestError, match="is not a file of this bundle"):
            places.inside(name, place / "x.xml", Where(place / "x.xml", 7))
    else:
        assert places.inside(name, place / "x.xml", Where(place / "x.xml", 7)) == place / name


@pytest.mark.parametrize(
    "name", ["/b", "../secret", "out", "circle", "pipe", "folder", "a\0", "x" * 256]
)
def test_what_is_not(name: str, place: Path) -> None:
    with pytest.raises(RequestError, match=r"x.xml:7: "):
        places.inside(name, place / "x.xml", Where(place / "x.xml", 7))


def test_beside_a_link_to_the_description_nothing_counts(place: Path) -> None:
    (place / "folder/x.xml").touch()
    (place / "x.xml").symlink_to("folder/x.xml")

    found = places.inside("out", place / "x.xml", Where(place / "x.xml", 7))

    assert found == place / "folder/out"  # not the link that leads out, beside the other
