"""`appliance check`: its words, its JSON, its exit code."""

import argparse
import json
from pathlib import Path

import pytest

from appliance.cli import check


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    check.add_to(parser.add_subparsers())
    options = parser.parse_args(["check", *words])
    code: int = options.run(options)
    return code


def test_a_good_kickstart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "good.ks"
    file.write_text("part / --size=9\nreboot\n")
    assert run(str(file)) == 0
    said = capsys.readouterr().out
    assert f"{file}:2: note: reboot: " in said
    assert said.endswith("good.ks: no problems\n")


def test_a_bad_kickstart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.ks"
    file.write_text("raid / --level=1\npart / --size=9\nlan cs\n")
    assert run(str(file)) == 2
    said = capsys.readouterr().out
    assert f"{file}:1: raid: software RAID is not for an image of one disk\n  try: " in said
    assert f"{file}:3: unknown command 'lan'\n  try: lang" in said
    assert said.endswith("2 problems\n")


def test_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.ks"
    file.write_text("part / --size=9\nrealm join x\n")
    assert run(str(file), "--json") == 2
    said = json.loads(capsys.readouterr().out)
    assert [(p["file"], p["line"]) for p in said["problems"]] == [(str(file), 2)]
    assert said["notes"] == []
