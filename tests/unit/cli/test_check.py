"""`appliance check`: its words, its JSON, its exit code."""

import json
from pathlib import Path

import pytest
from as_typed import Typed

from appliance.cli import check
from appliance.cli.parsing import Parser


def run(*words: str) -> int:
    parser = Parser()
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


def test_several_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.ks", tmp_path / "bad.ks"
    good.write_text("part / --size=9\n")
    bad.write_text("part / --size=9\nlan cs\n")

    assert run(str(good), str(bad)) == 2

    said = capsys.readouterr().out.splitlines()
    assert f"{good}: no problems" in said
    assert said[-1] == f"{bad}: 1 problem"


def test_what_a_build_would_still_have_to_be_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.ks"
    file.write_text("part / --size=900\n")

    assert run(str(file)) == 0
    assert "note: no repository is named: a build needs --repo NAME" in capsys.readouterr().out
    assert run(str(file), "--repo", "fedora-44") == 0
    assert "no repository" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("debian-trixy", "--repo debian-trixy: there is no such file"),
        ("/nowhere.repo", "--repo /nowhere.repo: there is no such file"),
        ("{}/x.repo", "x.repo: a file for another package manager"),
    ],
)
def test_a_word_of_the_command_line_that_means_nothing_is_a_problem(
    word: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.ks"
    file.write_text("repo --name=debian-trixie\npart / --size=900\nbootloader --disabled\n")
    (tmp_path / "x.repo").write_text("[x]\nbaseurl=http://a.example/\n")

    assert run(str(file), "--repo", word.format(tmp_path)) == 2
    assert says in capsys.readouterr().out
    assert run(str(file), "--repo", "debian-trixie") == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("part / --fstype=nonsense --size=900\n", ":1: unknown filesystem 'nonsense'"),
        (
            "part / --size=900\npart pv.1 --size=100\nvolgroup vg pv.1\n"
            "logvol /srv --vgname=vg --name=srv --size=900\n",
            ":3: the logical volumes of vg need 900 MiB",
        ),
        ("part / --size=900\npart /srv --size=9000000000000\n", ":2: the disk sda has"),
        (
            "clearpart --all --disklabel=msdos\npart / --size=900\npart /srv --size=3000000\n",
            ":3: the disk sda has",
        ),
        ("repo --name=fedora-4\npart / --size=900\n", ":1: no repository is known as 'fedora-4'"),
        ("part / --size=900 --encrypted --passphrase=\n", ":1: "),
    ],
)
def test_what_a_plan_would_refuse(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.ks"
    file.write_text(text)

    assert run(str(file)) == 2
    assert f"{file}{words}" in capsys.readouterr().out


def test_shipped_kickstarts_are_found_by_their_name(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "web.ks").write_text("%include aos-debian.ks\nservices --enabled=cron\n")
    ended = typed("check", "web.ks")
    assert ended.code == 0, ended.out
    assert ended.out.endswith("web.ks: no problems\n")
    flat = typed("flatten", "web.ks")
    assert "aos" in flat.out
    assert not [line for line in flat.out.splitlines() if line.startswith("%include")]


def test_a_kickstart_of_ones_own_comes_before_a_shipped_one(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "aos-debian.ks").write_text("lang C.UTF-8\n")
    (tmp_path / "web.ks").write_text("%include aos-debian.ks\n")
    assert typed("flatten", "web.ks").out == "lang C.UTF-8\n"


SHIPPED = sorted((Path(__file__).parents[3] / "kickstarts").glob("*.ks"))


@pytest.mark.parametrize("kickstart", SHIPPED, ids=lambda path: path.stem)
def test_shipped_kickstarts_give_no_notes(typed: Typed, kickstart: Path) -> None:
    said = json.loads(typed("check", kickstart, "--json").out)
    assert said == {"problems": [], "notes": []}
