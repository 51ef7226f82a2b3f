"""The plans of the shipped kickstarts: a refactoring changes none, a feature's diff explains it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends import families
from appliance.backends.package_managers.model import Lock, LockedPackage, LockedRepository
from appliance.bundle.sheet import Sheet
from appliance.handover.sheets import sheet_of
from appliance.packages.resolve import stored
from appliance.plan.make import Target, make_plan
from appliance.plan.model import Plan
from appliance.recipe.overrides import Overrides
from appliance.recipe.reading.load import load
from appliance.recipe.variables import settle

REPOSITORY = Path(__file__).parents[2]
KICKSTARTS = sorted(path.name for path in (REPOSITORY / "kickstarts").glob("*.ks"))
LOCKS = {
    "debian": Lock(
        family="debian",
        release="trixie",
        request=(),
        clock=1_700_000_000,
        repositories=(LockedRepository("debian", "trixie", ("main",), 1_700_000_000),),
        packages=(LockedPackage("dash", "0.5", "amd64", "ab" * 32, 7, "debian", "pool/dash.deb"),),
    ),
    "rpm": Lock(
        family="fedora",
        release="44",
        request=(),
        clock=1_700_000_000,
        repositories=(LockedRepository("fedora", "", (), 1_700_000_000),),
        packages=(LockedPackage("dash", "0.5-1", "x86_64", "ab" * 32, 7, "fedora", "d/dash.rpm"),),
    ),
}


CASES = [(name, "x86_64") for name in KICKSTARTS]
CASES += [(name, "aarch64") for name in KICKSTARTS if "debian" not in name]


def planned(path: Path, architecture: str) -> Plan:
    """The plan of a kickstart that asks for one package, with programs of version 1, and with what
    its sheet says of scripts; not with the author's own files, whose modes are the checkout's."""
    sheet = sheet_of(path, None, Sheet())
    words = Overrides(variables=settle(sheet.variables, ()), first_boot=sheet.first_boot)
    recipe = load(path, overrides=words)
    family, release = families.choose(recipe)
    lock = LOCKS.get(family.name, LOCKS["rpm"])
    lock = replace(lock, family=family.name, release=release)
    target = Target(architecture=architecture)
    return make_plan(
        recipe,
        stored(recipe, family, target),
        lock=lock,
        target=target,
        versions=lambda tools: tuple((t, "1") for t in tools),
    )


def is_as_it_was(plan: Plan, golden: Path) -> bool:
    """Compare a plan with the file *golden*, or write that."""
    text = plan.to_json() + "\n"
    if "GOLDEN" in os.environ:
        golden.write_text(text)
    return golden.exists() and golden.read_text() == text


@pytest.mark.parametrize(("name", "architecture"), CASES)
def test_the_plan_is_what_it_was(
    name: str, architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    suffix = "" if architecture == "x86_64" else f".{architecture}"
    golden = REPOSITORY / "tests/plans" / f"{Path(name).stem}{suffix}.json"
    plan = planned(Path("kickstarts") / name, architecture)

    assert is_as_it_was(plan, golden), "make golden, and look at the diff"
