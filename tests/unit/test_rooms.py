"""The house rules, checked: who may import whom, and which imports need a special door."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "appliance"
SECOND = Path(__file__).parents[2] / "appliance-imgcreate"  # a distribution of its own
LADDER = (
    {"cli"},
    {"farm"},
    {"catalog"},
    {"trial"},
    {"boot", "difference", "knowledge"},
    {"engine"},
    {"handover"},
    {"packages", "intake"},
    {"store"},
    {"host"},
    {"plan"},
    {"steps"},
    {"backends"},
    {"bundle"},
    {"layout"},
    {"recipe"},
    {"work"},
    {"events"},
    {"errors", "units", "codec"},
)
FLOOR = {room: level for level, rooms in enumerate(LADDER) for room in rooms}
DOORS = {
    "subprocess": "host/command.py",
    "pykickstart": "recipe/reading/load.py",
    "httpx": "host/download.py",
}
SANDBOX = "host/sandbox"  # the only one to mount anything or to make a namespace
LONGEST = 400
LONGEST_FUNCTION = 60


def sources() -> Iterator[Path]:
    yield from SOURCE.rglob("*.py")
    yield from SECOND.rglob("*.py")


def imports(file: Path) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                yield (*node.module.split("."), name.name)
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield tuple(name.name.split("."))


def test_rooms_only_use_the_rooms_below_them() -> None:
    wrong = [
        f"{file.relative_to(SOURCE)} reaches up to {target[1]}"
        for file in SOURCE.rglob("*.py")
        for room in [file.relative_to(SOURCE).parts[0].removesuffix(".py")]
        for target in imports(file)
        if room in FLOOR and target[0] == "appliance" and target[1] in FLOOR
        if target[1] != room and FLOOR[target[1]] <= FLOOR[room]
    ]
    assert not wrong, "\n".join(wrong)


def test_each_door_to_the_outside_is_in_one_room() -> None:
    wrong = [
        f"{file.relative_to(SOURCE)} imports {target[0]}; only {DOORS[target[0]]} may"
        for file in SOURCE.rglob("*.py")
        for target in imports(file)
        if target[0] in DOORS and str(file.relative_to(SOURCE)) != DOORS[target[0]]
    ]
    assert not wrong, "\n".join(wrong)


def test_the_second_distribution_has_one_door_and_is_unknown_to_the_first() -> None:
    doors = {**DOORS, "pykickstart": "imgcreate/kickstart.py"}
    wrong = [
        f"{file.relative_to(SECOND)} imports {target[0]}"
        for file in SECOND.rglob("*.py")
        for target in imports(file)
        if doors.get(target[0], str(file.relative_to(SECOND))) != str(file.relative_to(SECOND))
    ]
    wrong += [
        f"{file.relative_to(SOURCE)} imports {target[0]}"
        for file in SOURCE.rglob("*.py")
        for target in imports(file)
        if target[0] in ("imgcreate", "appcreate")
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_is_too_long_to_read_in_one_sitting() -> None:
    lengths = {file: len(file.read_text().splitlines()) for file in sources()}
    assert not [file for file, lines in lengths.items() if lines > LONGEST]


def test_only_the_sandbox_mounts_and_makes_namespaces() -> None:
    words = ("CLONE_NEW", "unshare(", "newuidmap", "pivot_root", "losetup", '["mount"')
    wrong = [
        f"{file.relative_to(SOURCE)} says {word}"
        for file in SOURCE.rglob("*.py")
        if str(file.relative_to(SOURCE)) != "host/probe.py"
        if not file.relative_to(SOURCE).is_relative_to(SANDBOX)
        for word in words
        if word in file.read_text()
    ]
    assert not wrong, "\n".join(wrong)


def test_no_function_is_too_long_to_hold_in_mind() -> None:
    long = [
        f"{file}:{node.lineno} {node.name}"
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)
