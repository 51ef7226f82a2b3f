"""Every test of this room leaves the machine as it found it."""

from pathlib import Path

import pytest

import tools_root
from building import Yard

# What is tried as a plain user in make test, too; everything is in make test-all.
AS_A_USER = {
    "test_a_maintainer_script_that_means_harm",
    "test_a_post_that_means_harm",
    "test_an_appliance_has_what_hooks_and_scripts_did",
    "test_owners_modes_and_links_are_true",
    "test_files_are_in_the_image_as_they_are_before_post_runs",
    "test_a_root_that_only_its_passphrase_opens",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most of what root has tried already, and a plain user would try again, to make
    test-all."""
    for item in items:
        name, _, variant = item.name.partition("[")
        if "plain" in variant and name not in AS_A_USER:
            item.add_marker(pytest.mark.slow)


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
