"""A build that does not fit in memory goes on on disk by itself, and gives the same files."""

import pytest

from appliance.engine import run_plan as engine
from appliance.engine.run_plan import Manner
from building import Yard

BIG = """
%post --erroronfail
dd if=/dev/zero of=/var/zeros bs=1M count=300
%end
"""


def test_a_tree_that_fits_is_put_together_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.host.probe.memory_available", lambda: 8 << 30)

    assert engine.workbench_size(1 << 30, Manner()) == 6 << 30
    assert engine.workbench_size(1 << 30, Manner(in_memory=False)) == 0


def test_a_tree_that_does_not_fit_is_put_together_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.host.probe.memory_available", lambda: 1 << 30)

    assert engine.workbench_size(1 << 30, Manner()) == 0


def test_a_script_that_outgrows_memory_goes_on_on_disk(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from appliance.cli import main  # in this process, where memory can be made to look small

    monkeypatch.setattr(engine, "workbench_size", lambda size, manner: 200 << 20)
    kickstart = yard.recipe(more=BIG, disk="part / --fstype=ext4 --size=700")
    words = ["build", str(kickstart), "--store", str(yard.store), "-o", str(yard.output)]

    code = main([*words, "--keyring", str(yard.keyring), "--events=json"])

    assert code == 0
    assert (yard.output / "tiny").is_dir()
