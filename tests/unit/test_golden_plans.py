"""The plans of the shipped kickstarts: a refactoring changes none, a feature's diff explains it."""

import os
from pathlib import Path

import pytest

from appliance.backends.package_managers.model import Lock, LockedPackage, LockedRepository
from appliance.plan.make import Target, make_plan
from appliance.recipe.load import load

REPOSITORY = Path(__file__).parents[2]
KICKSTARTS = sorted(path.name for path in (REPOSITORY / "kickstarts").glob("*.ks"))
LOCK = Lock(
    family="debian",
    release="trixie",
    request=(),
    clock=1_700_000_000,
    repositories=(LockedRepository("debian", "trixie", ("main",), 1_700_000_000),),
    packages=(LockedPackage("dash", "0.5", "amd64", "ab" * 32, 7, "debian", "pool/dash.deb"),),
)


@pytest.mark.parametrize("name", KICKSTARTS)
def test_the_plan_is_what_it_was(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    recipe = load(Path("kickstarts") / name)
    plan = make_plan(recipe, LOCK, Target(), versions=lambda tools: tuple((t, "1") for t in tools))
    golden = REPOSITORY / "tests/plans" / f"{recipe.name}.json"
    if "GOLDEN" in os.environ:
        golden.write_text(plan.to_json() + "\n")

    assert plan.to_json() + "\n" == golden.read_text(), "make golden, and look at the diff"
