"""The benchmark's own arithmetic and instruments; no builds."""

import dataclasses
import importlib
import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "bench"
MIB = 2**20


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))


def module(name: str) -> ModuleType:
    return importlib.import_module(name)


def run(seconds: float, **parts: float) -> object:
    events = [
        {"event": kind, "gives": name, "seconds": took}
        for name, took in parts.items()
        for kind in ("StepStarted", "StepFinished")
    ]
    lines = tuple(map(json.dumps, events))
    return module("timed").Run(seconds, lines, tuple(float(number) for number in range(len(lines))))


def figures(*pairs: tuple[float, float | None]) -> object:
    report, scratch = module("report"), module("scratch")
    rounds = tuple(
        report.Round(
            full=run(ours, first=1.0, second=2.0),
            script=run(5.5),
            other_format=run(4.0),
            nothing=run(0.25),
            peak=scratch.Peak(memory=300 * MIB, disk=100 * MIB, at=2.5),
            kept=7 * MIB,
            rival=run(theirs) if theirs else None,
        )
        for ours, theirs in pairs
    )
    rival = "mkosi 27" if pairs[0][1] else ""
    return report.Figures(
        report.Subject("a.ks", 3, 200 * MIB, "a machine", rival, "none here"), rounds
    )


def test_the_ratio_is_the_median_of_pairs_not_the_ratio_of_medians() -> None:
    # medians: 20 and 50, which would be 0.4
    measured = figures((10, 50), (20, 100), (30, 40))

    assert module("report").target(measured, "full") == "0.20 x mkosi, ≤ 0.35 x: reached"


def test_the_table_says_what_is_reached_and_what_is_missed() -> None:
    text = "\n".join(module("report").told(figures((10, 20), (12, 24))))

    assert "0.50 x mkosi, ≤ 0.35 x: MISSED" in text
    assert "≤ 5 s: MISSED" in text
    assert "≤ 4 s: reached" in text
    assert "in second: 300 MiB memory + 100 MiB disk = 2.00 x installed, ≤ 2.5 x: reached" in text
    rows = [line.split()[:2] for line in text.splitlines() if line.startswith("  first")]
    assert rows == [["first", "1.00"]]
    assert f"{'the rest: start, planning, cleaning up':40}{8.0:8.2f} s" in text  # 11 - 1 - 2


def test_without_mkosi_the_table_says_why() -> None:
    text = "\n".join(module("report").told(figures((10, None))))

    assert "not measured, none here" in text
    assert "mkosi, same packages" not in text


def test_all_figures_can_be_written_as_json() -> None:
    data = json.loads(json.dumps(figures((10, 50)).plain()))

    assert data["seconds"]["full"] == [10]
    assert data["ratios_to_mkosi"] == [0.2]


def test_a_program_is_timed_and_its_failure_ends_the_benchmark(tmp_path: Path) -> None:
    timed = module("timed")

    done = timed.run(["sh", "-c", "sleep 0.2; echo one"], directory=tmp_path)

    assert done.lines == ("one\n",)
    assert 0.2 <= done.came[0] <= done.seconds
    with pytest.raises(SystemExit, match="(?s)no luck.*status 3"):
        timed.run(["sh", "-c", "echo no luck >&2; exit 3"], directory=tmp_path)


def test_disk_use_counts_blocks_not_lengths(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    with (tmp_path / "below/sparse").open("wb") as file:
        file.write(b"x" * MIB)
        file.truncate(100 * MIB)

    assert MIB <= module("scratch").disk_use(tmp_path) < 2 * MIB


def test_a_watch_keeps_the_highest_peak_of_the_drafts(tmp_path: Path) -> None:
    scratch = module("scratch")
    with scratch.Watch(tmp_path, tmp_path / "none") as watch:
        watch.begin(1)
        (tmp_path / "draft").write_bytes(b"x" * 3 * MIB)
        time.sleep(20 * scratch.INTERVAL)
        (tmp_path / "draft").unlink()
        time.sleep(10 * scratch.INTERVAL)

    assert 3 * MIB <= watch.peak().disk < 4 * MIB
    assert watch.peak().memory == 0


def test_descendants_are_children_and_their_children() -> None:
    with subprocess.Popen(["sh", "-c", "sleep 9 & wait"], stdout=subprocess.PIPE) as shell:
        deadline = time.monotonic() + 5
        found: list[int] = []
        while not found and time.monotonic() < deadline:
            found = list(module("scratch").descendants(shell.pid))
        for number in found:
            subprocess.run(["kill", str(number)], check=True)

    assert len(found) == 1


@pytest.mark.parametrize(("said", "usable"), [("mkosi 25.3", False), ("mkosi 27.1", True)])
def test_only_a_recent_mkosi_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, usable: bool
) -> None:
    program = tmp_path / "mkosi"
    program.write_text(f"#!/bin/sh\necho {said}\n")
    program.chmod(0o755)
    monkeypatch.setenv("MKOSI", str(program))

    rival, why = module("rival").find(None)

    assert (rival is not None) == usable
    assert bool(why) != usable


def test_mkosi_is_asked_for_the_same_packages_of_the_same_release() -> None:
    source = "deb [signed-by=/k.gpg arch=amd64] http://mirror/debian trixie main\n"

    text = module("rival").configuration(["zlib1g", "apt"], source, None)

    assert "Release=trixie\n" in text
    assert "Packages=\n    apt\n    systemd-boot-efi\n    zlib1g\n" in text
    assert "Incremental=no\n" in text
    assert "WorkspaceDirectory" not in text


def test_the_house_rules_hold_here_too() -> None:
    lengths = {file.name: len(file.read_text().splitlines()) for file in BENCH.glob("*.py")}

    assert lengths
    assert not [name for name, lines in lengths.items() if lines > 400]


def test_the_command_says_what_it_can_do() -> None:
    said = subprocess.run(
        [sys.executable, BENCH / "build.py", "--help"], check=True, capture_output=True, text=True
    ).stdout

    assert "--runs" in said
    assert "--json" in said


def test_what_looking_for_leaks_takes_is_a_part_of_the_build() -> None:
    report = module("report")
    measured = figures((10, None))
    full = run(40.0, first=1.0, findings=1.0)
    one = dataclasses.replace(measured.rounds[0], full=full)  # type: ignore[attr-defined]
    lines = report.told(dataclasses.replace(measured, rounds=(one,)))  # type: ignore[type-var]
    assert "looking for leaks: 0.025 of (a), ≤ 0.05 of it: reached" in list(lines)
    assert not [line for line in report.told(measured) if "leaks" in line]
