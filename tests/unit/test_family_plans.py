"""Families that are rows of data: planned from metadata that is made here, each as it was."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.unit.test_golden_plans import REPOSITORY, is_as_it_was

from appliance.backends.families import apt_repositories, choose, origins
from appliance.backends.families.apt_sources import AptSource
from appliance.backends.families.known import APT_KNOWN
from appliance.backends.families.question import Question
from appliance.backends.package_managers import apt_choice
from appliance.backends.package_managers.model import Lock, LockedPackage, LockedRepository
from appliance.packages.resolve import stored
from appliance.plan.make import Target, make_plan
from appliance.recipe.reading.load import load
from appliance.recipe.repository_options import RepositoryOptions

PLACE = REPOSITORY / "tests/data/families"
NAMES = sorted(path.name for path in PLACE.glob("*.ks"))
CLOCK = 1_714_564_800


def release(origin: str, suite: str) -> str:
    """A Release file as an archive has it."""
    return f"Origin: {origin}\nSuite: {suite}\nDate: Wed, 01 May 2024 12:00:00 UTC\n"


def chosen(names: Sequence[str], sources: Sequence[AptSource]) -> tuple[LockedPackage, ...]:
    """What apt would print for *names*, each of the first of *sources*, as it is read."""
    said = "".join(
        f"'{sources[0].url}/pool/{name}.deb' {name}_1_amd64.deb 7 "
        f"SHA256:{hashlib.sha256(name.encode()).hexdigest()}\n"
        for name in names
    )
    return apt_choice.packages_of(said, sources, frozenset({"dash"}))


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_is_what_it_was(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    recipe = load(Path("tests/data/families") / name)
    found, codename = choose(recipe)
    family = APT_KNOWN[found.name]
    target = Target()
    storage = stored(recipe, family, target)
    options = RepositoryOptions(mirror="http://m.invalid/archive")
    sources = apt_repositories.sources(
        family,
        Question(recipe, storage, options),
        codename,
        host_sources=(),
        keyring=family.keyring,
    )
    texts = [release(family.origins[0], source.suite) for source in sources]
    origins.refuse_others(family, codename, sources, texts)
    wanted = ("dash", *(item.name for item in recipe.packages.names))
    needed = family.needed_packages(recipe, storage, architecture="x86_64")
    lock = Lock(
        family=family.name,
        release=codename,
        request=(),
        clock=CLOCK,
        repositories=tuple(
            LockedRepository(item.name, item.suite, item.components, apt_choice.release_date(text))
            for item, text in zip(sources, texts, strict=True)
        ),
        packages=chosen(sorted({*wanted, *needed}), sources),
    )
    plan = make_plan(
        recipe,
        storage,
        lock=lock,
        target=target,
        versions=lambda tools: tuple((tool, "1") for tool in tools),
    )

    golden = REPOSITORY / "tests/plans/families" / f"{Path(name).stem}.json"
    assert is_as_it_was(plan, golden), "make golden, and look at the diff"
    assert {repository.date for repository in lock.repositories} == {CLOCK}
