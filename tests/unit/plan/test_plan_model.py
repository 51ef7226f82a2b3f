"""A plan is consistent in itself, and comes back from its text as it was."""

import json
from typing import Any

import pytest

from appliance.plan.model import Plan
from appliance.steps.assemble_disk import AssembleDisk
from appliance.steps.convert_disk import ConvertDisk
from appliance.steps.make_boot_code import MakeBootCode
from appliance.steps.run_script import RunScript
from appliance.work.results import BootCode, DiskImage, FormattedImage, Layer

LAYER = RunScript("a", (), "true", "/bin/sh")
LOADER = MakeBootCode("bios", "bios-in-tree", "u", "/boot", (LAYER.gives,), ())  # type: ignore[arg-type]
DISK = AssembleDisk("sda", "gpt", 1 << 20, "u", (), (), (Layer("a"),), (LOADER.gives,), ())
IMAGE = ConvertDisk("sda", "raw", ())
PLAN = Plan("demo", 7, (LAYER, LOADER, DISK, IMAGE), (IMAGE.gives,))


def changed(**words: Any) -> str:
    """The text of the plan with other fields of the step that makes the disk."""
    data = json.loads(PLAN.to_json())
    data["steps"][2]["fields"].update(words)
    return json.dumps(data)


def test_a_result_comes_back_from_text_with_what_its_text_does_not_say() -> None:
    found = Plan.from_json(PLAN.to_json())

    assert found == PLAN
    assert found.steps[2].takes == (Layer("a"), BootCode("bios", "bios-in-tree"))
    assert json.loads(PLAN.to_json())["steps"][2]["fields"]["boot"] == ["boot:bios"]


def test_a_text_that_names_what_no_step_before_gives_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing gives boot:uefi"):
        Plan.from_json(changed(boot=["boot:uefi"]))
    with pytest.raises(ValueError, match=r"nothing gives image:sda\.raw"):
        Plan.from_json(changed(boot=["image:sda.raw"]))


def test_a_text_that_names_another_kind_of_result_is_refused() -> None:
    with pytest.raises(ValueError, match="layer:a is no BootCode"):
        Plan.from_json(changed(boot=["layer:a"]))


def test_a_step_takes_only_what_steps_before_it_give() -> None:
    with pytest.raises(ValueError, match=r"image:sda\.raw takes \['disk:sda'\]"):
        Plan("demo", 0, (IMAGE, LAYER, LOADER, DISK), ())
    with pytest.raises(ValueError, match=r"disk:sda takes \['boot:bios'\]"):
        Plan("demo", 0, (LAYER, DISK), ())


def test_the_loader_that_made_it_belongs_to_a_boot_code() -> None:
    other = MakeBootCode("bios", "bios", "u", "/boot", (), ())

    with pytest.raises(ValueError, match="disk:sda takes"):
        Plan("demo", 0, (LAYER, other, DISK), ())


def test_no_two_steps_give_what_is_called_the_same() -> None:
    with pytest.raises(ValueError, match="two steps give layer:a"):
        Plan("demo", 0, (LAYER, RunScript("a", (), "false", "/bin/sh")), ())


def test_a_target_is_something_that_a_step_gives() -> None:
    with pytest.raises(ValueError, match=r"nothing gives \['disk:sdb'\]"):
        Plan("demo", 0, PLAN.steps, (DiskImage("sdb"),))


def test_what_lies_above_a_result_is_found_however_far_up() -> None:
    assert PLAN.above([LOADER.gives]) == (LOADER, DISK, IMAGE)
    assert PLAN.above([FormattedImage("sda", "raw")]) == (IMAGE,)
