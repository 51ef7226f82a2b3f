"""Paths in a root of another system never lead out of it."""

from pathlib import Path

import pytest

from appliance.errors import CommandError
from appliance.host import rooted


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "usr/lib").mkdir(parents=True)
    (root / "usr/lib/os-release").write_text("ID=x\n")
    (root / "lib").symlink_to("usr/lib")
    (root / "absolute").symlink_to("/usr/lib/os-release")
    (root / "out").symlink_to("../../../../../../etc/passwd")
    (root / "around").symlink_to("around")
    return root


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/usr/lib/os-release", "usr/lib/os-release"),
        ("lib/os-release", "usr/lib/os-release"),
        ("absolute", "usr/lib/os-release"),
        ("out", "etc/passwd"),
        ("../../etc/passwd", "etc/passwd"),
        ("usr/./lib//../lib/os-release", "usr/lib/os-release"),
        ("not/there", "not/there"),
        ("/", ""),
    ],
)
def test_a_path_is_what_a_program_inside_would_see(root: Path, path: str, found: str) -> None:
    assert rooted.find(root, path) == root / found


def test_links_that_lead_in_circles_are_told(root: Path) -> None:
    with pytest.raises(CommandError, match="around/x: too many levels of links"):
        rooted.find(root, "around/x")
