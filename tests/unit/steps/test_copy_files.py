"""Who owns what is copied into an image, and what is said when nobody can."""

from pathlib import Path
from typing import Any

import pytest

from appliance.errors import CommandError, Where
from appliance.steps.copy_files import CopiedFiles, CopyFiles, ids

WORLD = Any  # conftest.World
HERE = Where(Path("web.toml"), 3)
USERS = """\
root:x:0:0:root:/root:/bin/sh
shop:x:1000:100::/home/shop:/bin/sh
damaged
odd:x:words:5::/:/bin/sh
"""


@pytest.fixture
def peopled(world: WORLD) -> WORLD:
    world.tree.write("/etc/passwd", USERS)
    world.tree.write("/etc/group", "root:x:0:\nusers:x:100:\nadm:x:4:shop\n")
    return world


@pytest.mark.parametrize(
    ("owner", "numbers"),
    [
        ("", (0, 0)),
        ("shop", (1000, 100)),
        ("1000", (1000, 100)),
        ("shop:adm", (1000, 4)),
        ("shop:77", (1000, 77)),
        ("7:adm", (7, 4)),
    ],
)
def test_an_owner_is_one_of_the_image(peopled: WORLD, owner: str, numbers: tuple[int, int]) -> None:
    assert ids(owner, peopled.tree) == numbers


@pytest.mark.parametrize(
    ("owner", "problem", "hint"),
    [
        ("web", "the image has no user 'web'", "of the kickstart"),
        ("odd", "the image has no user 'odd'", "of the kickstart"),
        ("shop:web", "the image has no group 'web'", "of the kickstart"),
        ("77", "the image has no user 77, so it needs a group, too", "77:77"),
        ("4294967295", "no user has the number 4294967295", "at most 4294967294"),
        ("7:99999999999", "no group has the number 99999999999", "at most 4294967294"),
    ],
)
def test_who_is_not_in_the_image_owns_nothing(
    peopled: WORLD, owner: str, problem: str, hint: str
) -> None:
    with pytest.raises(CommandError) as error:
        CopyFiles("files", (), (CopiedFiles("ab", "/opt", "", owner, HERE),)).run(peopled)
    assert error.value.problem == f"files for /opt: {problem}"
    assert hint in error.value.hint
    assert error.value.where == HERE


def test_an_image_without_users_has_root_alone(world: WORLD) -> None:
    assert ids("", world.tree) == (0, 0)
    with pytest.raises(CommandError, match="no user 'root'"):
        ids("root", world.tree)


def test_copies_are_made_in_their_order(peopled: WORLD) -> None:
    copies = (CopiedFiles("ab", "/b", "0640", "shop"), CopiedFiles("cd", "/a"))
    CopyFiles("files", (), copies).run(peopled)

    assert [words for name, words in peopled.asked if name == "copy"] == [
        ("ab", "/b", (1000, 100), 0o640),
        ("cd", "/a", (0, 0), None),
    ]
