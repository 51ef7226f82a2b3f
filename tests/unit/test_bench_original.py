"""The arithmetic of the benchmark against the original; no builds."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def original(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    return importlib.import_module("original")


def pair(original: ModuleType, ours: float, theirs: float | None) -> object:
    def build(seconds: float) -> object:
        return original.Build(original.Run(seconds, (), (), 1.0), original.Peak(2**20), 2**20)

    other = build(theirs) if theirs else None
    return original.Pair(original.KINDS[0], build(ours), build(ours / 2), other)


def test_ratios_are_those_of_rounds(original: ModuleType) -> None:
    text = "\n".join(original.told([pair(original, 5, 10), pair(original, 9, 10)], ""))

    assert "0.70   ≤ 0.7 x: reached" in text
    assert "0.35   ≤ 0.25 x: MISSED" in text


def test_without_the_original_ours_is_told_alone(original: ModuleType) -> None:
    text = "\n".join(original.told([pair(original, 5, None)], "none here"))

    assert "the original was not measured: none here" in text
    assert "reached" not in text


def test_a_checkout_is_called_with_both_libraries(original: ModuleType, tmp_path: Path) -> None:
    tools = tmp_path / "appliance-tools"
    (tools / "tools").mkdir(parents=True)
    (tools / "tools/appliance-creator").touch()
    assert original.find(str(tools), "python3")[0] == ()

    (tmp_path / "livecd-tools").mkdir()
    argv, _ = original.find(str(tools), "python3")
    assert argv[1] == f"PYTHONPATH={tools}:{tmp_path / 'livecd-tools'}"
