"""ARCHITECTURE.md says what is so: the rooms, the ladder, what a change touches."""

import re
from pathlib import Path

import house

TOP = Path(__file__).parents[3]
TEXT = (TOP / "ARCHITECTURE.md").read_text()
STEP_UP = "\u203a"  # between two rungs of the ladder
TO_COME = {"farm", "catalog"}  # rooms that keep their place until somebody builds them
KEPT = {"destinations"}  # and folders of backends/


def test_its_table_lists_the_rooms_and_no_others() -> None:
    listed = re.findall(r"^\| `(\w+)/` \|", TEXT, re.MULTILINE)
    there = {path.name for path in house.SOURCE.iterdir() if (path / "__init__.py").is_file()}
    assert sorted(listed) == sorted(there)


def test_a_room_that_is_to_come_is_marked_as_such() -> None:
    marked = re.findall(r"^\| `(\w+)/` \|[^|]*\| \*not there yet", TEXT, re.MULTILINE)
    assert set(marked) == TO_COME
    for room in TO_COME:
        assert [path.name for path in (house.SOURCE / room).glob("*.py")] == ["__init__.py"]


def test_a_folder_that_keeps_its_place_is_marked_as_such() -> None:
    row = next(line for line in TEXT.splitlines() if "kept place, empty yet" in line)
    for folder in KEPT:
        assert f"{folder}/`" in row
        place = house.SOURCE / "backends" / folder
        assert [path.name for path in place.glob("*.py")] == ["__init__.py"]


def test_its_ladder_is_the_one_that_is_enforced() -> None:
    written = TEXT.partition("**Ladder.**")[2].partition(". `tests/")[0].partition("below it:")[2]
    rungs = [set(re.findall(r"\w+", rung)) for rung in written.split(STEP_UP)]
    assert rungs == [set(rung) for rung in house.LADDER]


def test_every_room_stands_on_the_ladder() -> None:
    there = {path.name.removesuffix(".py") for path in house.SOURCE.iterdir()}
    assert there - {"__init__", "__main__", "__pycache__", "py.typed"} <= set(house.FLOOR)


def test_what_a_change_touches_is_there() -> None:
    table = TEXT.rpartition("| change |")[2]
    named = re.findall(r"`([\w./-]+/[\w.-]*)`", table)
    assert len(named) >= 5
    for name in named:
        place = re.sub(r"x\.py$", "", name)
        roots = (TOP, house.SOURCE, house.SOURCE / "backends")
        assert any((root / place).exists() for root in roots), name


def test_it_is_one_page() -> None:
    assert len(TEXT.splitlines()) <= 100
