"""Every test of this room leaves the machine as it found it."""

from pathlib import Path

import pytest

import tools_root
from building import Yard


@pytest.fixture(autouse=True)
def _untouched(quiet_host: None) -> None:
    """See quiet_host."""


@pytest.fixture(params=["root", "plain user"])
def somebody(request: pytest.FixtureRequest) -> Yard:
    """Where one of them builds."""
    yard: Yard = request.getfixturevalue("yard" if request.param == "root" else "users_yard")
    return yard


@pytest.fixture(scope="session")
def tools(open_place: Path) -> Path:
    """The root of another system, with the tools that a build needs, but for qemu-img."""
    root = open_place / "tools"
    tools_root.make(root)
    return root
