"""Libraries that few commands need: one that is missing is an error with a way out."""

import re
import sys
from pathlib import Path

import pytest

from appliance.backends.libraries import SOURCES, library
from appliance.backends.package_managers.version_order import DEB, RPM, older
from appliance.errors import HostError
from house import SOURCE


def test_every_library_that_is_asked_for_is_known_and_there() -> None:
    asked = {
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r'\blibrary\("([\w.]+)"\)', path.read_text())
    }
    assert {name.partition(".")[0] for name in asked} == SOURCES.keys()
    assert all(library(name).__name__ == name for name in asked)


def test_each_of_them_is_a_dependency_of_ours() -> None:
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    assert all(
        source in project for source in SOURCES.values()
        if source not in ("cryptography", "license-expression")  # others bring these along
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "module"), [(DEB, "univers.debian"), (RPM, "univers.rpm")])
def test_one_that_is_missing_is_named(
    kind: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(HostError, match=f"Python's {module} cannot be used") as error:
        older("1", "2", kind)
    assert error.value.hint == "pip install 'univers'"
