"""Why each step of a plan will run: told from the store and the last plan, before anything runs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.creation.outlook import outlook
from appliance.plan.model import Plan
from appliance.steps import Step
from appliance.steps.assemble_disk import AssembleDisk
from appliance.steps.convert_disk import ConvertDisk
from appliance.steps.run_script import RunScript
from appliance.store.results import Store

FIRST = RunScript("a", (), "true", "/bin/sh")
SECOND = RunScript("b", (FIRST.gives,), "false", "/bin/sh")
DISK = AssembleDisk("sda", "gpt", 1 << 20, "u", (), (), (FIRST.gives, SECOND.gives), (), ())
IMAGE = ConvertDisk("sda", "raw", ())
PLAN = Plan("web", 7, (FIRST, SECOND, DISK, IMAGE), (IMAGE.gives,))


def changed(plan: Plan, number: int, **fields: Any) -> Plan:
    steps: list[Step] = [*plan.steps]
    steps[number] = replace(steps[number], **fields)
    return replace(plan, steps=tuple(steps))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    made.open()
    return made


def built(store: Store, plan: Plan, *, kept: bool = True) -> None:
    """As a build leaves it."""
    (store.plans / f"{plan.name}.json").write_text(plan.to_json())
    for digest in plan.digests().values() if kept else ():
        with store.lock(digest), store.draft(digest, "x"):
            pass


def why(plan: Plan, store: Store) -> list[str]:
    return [item.why for item in outlook(plan, store)]


def test_the_first_time_everything_runs(store: Store) -> None:
    assert why(PLAN, store) == ["this was not built before"] * 4


def test_what_is_in_the_store_does_not_run(store: Store) -> None:
    built(store, PLAN)

    found = outlook(PLAN, store)

    assert [item.why for item in found] == [""] * 4
    assert [(item.gives, item.kind) for item in found] == [
        ("layer:a", "RunScript"),
        ("layer:b", "RunScript"),
        ("disk:sda", "AssembleDisk"),
        ("image:sda.raw", "ConvertDisk"),
    ]
    assert [item.digest for item in found] == list(PLAN.digests().values())


def test_a_field_that_changed_is_named_and_below_it_nothing_runs(store: Store) -> None:
    built(store, PLAN)

    assert why(changed(PLAN, 1, body="echo new"), store) == [
        "",
        "body changed",
        "layer:b changed",
        "disk:sda changed",
    ]
    assert why(changed(PLAN, 2, size=2 << 20, identity="v"), store)[2] == ("size, identity changed")


def test_what_lies_above_the_first_change_follows_from_it(store: Store) -> None:
    built(store, PLAN)

    assert why(changed(PLAN, 0, body="echo new"), store)[1:3] == ["layer:a changed"] * 2


def test_another_clock_changes_all(store: Store) -> None:
    built(store, PLAN)

    said = why(replace(PLAN, clock=8), store)

    assert said[0] == "the clock changed"
    assert all("the clock" in item for item in said)


def test_a_step_that_was_not_there(store: Store) -> None:
    built(store, replace(PLAN, steps=PLAN.steps[:3], targets=(DISK.gives,)))

    assert why(PLAN, store) == ["", "", "", "the step is new"]


def test_a_result_that_was_pruned_is_told_from_one_that_changed(store: Store) -> None:
    built(store, PLAN)
    store.forget(PLAN.digests()[IMAGE.gives])
    store.forget(PLAN.digests()[FIRST.gives])

    assert why(PLAN, store) == ["", "", "", "its result is not in the store"]


def test_another_recipes_plan_tells_nothing(store: Store) -> None:
    built(store, replace(PLAN, name="other"), kept=False)

    assert why(PLAN, store) == ["this was not built before"] * 4


@pytest.mark.parametrize("text", ["", '{"steps": [{"gi', "[]", "{}"])
def test_a_plan_that_was_cut_off_counts_as_none(store: Store, text: str) -> None:
    built(store, PLAN, kept=False)
    (store.plans / f"{PLAN.name}.json").write_text(text)
    assert set(why(PLAN, store)) == {"this was not built before"}
