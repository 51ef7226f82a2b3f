"""The house rules, checked: who may import whom, and which imports need a special door."""

import ast

from house import FLOOR, SECOND, SOURCE, imports, nodes, sources

DOORS = {
    "subprocess": "host/command.py",
    "pykickstart": "recipe/reading/load.py",
    "httpx": "host/download.py",
}
SANDBOX = "host/sandbox"  # the only one to mount anything or to make a namespace
INTAKE = "intake"  # the only one to ask about disk images of others, and to read them
# Who may have qemu-img write what it made itself, and who says that there is such a program.
WRITERS = ("backends/disk_formats", "boot/on_libvirt/guest_disks.py", "host/tools.py")
LONGEST = 400
LONGEST_FUNCTION = 60


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
        if str(file.relative_to(SOURCE)) != "host/tools.py"
        if not file.relative_to(SOURCE).is_relative_to(SANDBOX)
        for word in words
        if word in file.read_text()
    ]
    assert not wrong, "\n".join(wrong)


def test_only_intake_looks_into_disk_images_of_others() -> None:
    wrong = []
    for file in sources():
        place = file.relative_to(SOURCE if file.is_relative_to(SOURCE) else SECOND)
        if place.parts[0] == INTAKE:
            continue
        words = {node.value for node in nodes(file) if isinstance(node, ast.Constant)}
        if "qemu-img" in words and not any(place.is_relative_to(each) for each in WRITERS):
            wrong.append(f"{place} says qemu-img")
        if "qemu-img" in words and "info" in words:
            wrong.append(f"{place} asks qemu-img info")
    assert not wrong, "\n".join(wrong)


def test_no_function_is_too_long_to_hold_in_mind() -> None:
    long = [
        f"{file}:{node.lineno} {node.name}"
        for file in sources()
        for node in nodes(file)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


MOST_PARAMETERS = 6
# The original's API: programs of others call these as they always did.
HISTORICAL = "imgcreate/"


def test_no_function_has_more_parameters_than_anybody_remembers() -> None:
    wrong = [
        f"{file}:{node.lineno} {node.name} has {count}"
        for file in sources()
        if HISTORICAL not in str(file)
        for node in nodes(file)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for count in [parameters(node)]
        if count > MOST_PARAMETERS
    ]
    assert not wrong, "\n".join(wrong)


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many parameters a function has, but for self and cls."""
    names = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])
