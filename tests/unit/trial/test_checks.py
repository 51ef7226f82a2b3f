"""How the answers of a machine are judged."""

import shlex
from pathlib import Path

import pytest

from appliance.boot.console import ShellAnswer
from appliance.errors import RequestError
from appliance.trial import checks

ROUTES = (
    "Iface Destination Gateway\n"
    "eth0 00000000 0202000A 0003 0 0 0 00000000 0 0 0\n"
    "address 10.0.2.15/24\n"
)
SIX = "0" * 32 + " 00 " + "0" * 32 + " 00 " + "f" * 32 + " 00000400 1 0 00040003 "


@pytest.mark.parametrize(
    ("output", "passed"),
    [
        (ROUTES, True),
        (SIX + "eth0", True),
        (SIX + "lo", False),
        ("eth0 0002000A 00000000 0001 0 0 0 00FFFFFF 0 0 0", False),
        ("eth0 00000000 0202000A 0003 0 0 0 00FFFFFF 0 0 0", False),
        ("address 10.0.2.15/24", False),
        ("", False),
    ],
)
def test_the_network_is_up_with_a_default_route(output: str, *, passed: bool) -> None:
    assert checks.has_route(ShellAnswer(0, output)).passed is passed


def test_the_evidence_of_a_network_is_its_card_and_addresses() -> None:
    assert checks.has_route(ShellAnswer(0, ROUTES)).evidence == (
        "default route over eth0, 10.0.2.15/24"
    )
    assert checks.has_route(ShellAnswer(0, "nothing")).evidence == "no default route\nnothing"


@pytest.mark.parametrize(
    ("output", "passed"),
    [
        ("filesystem=95\ndevice=100\nstart=1\ndisk=612", True),
        ("filesystem=90\ndevice=100", True),
        ("filesystem=89\ndevice=100", False),
        ("filesystem=50\ndevice=100\nstart=1\ndisk=612", False),
        ("filesystem=95\ndevice=100\nstart=1\ndisk=611", False),
        ("filesystem=95\ndevice=100\nstart=\ndisk=", True),
        ("filesystem=\ndevice=\n", False),
        ("filesystem=95\n", False),
        ("filesystem=²\ndevice=100\n", False),
        ("df: /: no such thing", False),
    ],
)
def test_the_root_filesystem_fills_its_partition(output: str, *, passed: bool) -> None:
    assert checks.fills_its_place(ShellAnswer(0, output)).passed is passed


@pytest.mark.parametrize(("kind", "passed"), [("erofs", True), ("squashfs", True), ("ext4", False)])
def test_what_nobody_writes_to_need_not_fill_its_partition(kind: str, passed: bool) -> None:
    output = f"kind={kind}\nfilesystem=82915328\ndevice=734003200\n"
    verdict = checks.fills_its_place(ShellAnswer(0, output))
    assert verdict.passed is passed
    assert "79.07 MiB on 700 MiB" in verdict.evidence


@pytest.mark.parametrize(
    ("state", "passed"),
    [("running\n", True), ("degraded\n", True), ("maintenance\n", False), ("", False)],
)
def test_a_start_up_is_over_even_with_failed_units(state: str, passed: bool) -> None:
    verdict = checks.started(ShellAnswer(1, state))

    assert verdict.passed is passed
    assert verdict.evidence == (state.strip() or "systemctl does not answer")


def test_a_unit_that_failed_is_the_evidence() -> None:
    assert checks.no_unit_failed(ShellAnswer(0, "\n")) == checks.Verdict(True, "none failed")
    assert checks.no_unit_failed(ShellAnswer(0, "x.service - X\n")) == checks.Verdict(
        False, "x.service - X"
    )
    assert checks.no_unit_failed(ShellAnswer(127, "")) == checks.Verdict(
        False, "systemctl does not answer"
    )


def test_a_script_passes_with_status_0() -> None:
    assert checks.ended_well(ShellAnswer(0, "")) == checks.Verdict(True, "exit status 0")
    assert checks.ended_well(ShellAnswer(3, "disk\n")) == checks.Verdict(
        False, "exit status 3\ndisk"
    )


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("exit 0\n", "sh"),
        ("#!/usr/bin/python3 -I\n1\n", "/usr/bin/python3 -I"),
        ("#! /bin/bash\n", "/bin/bash"),
    ],
)
def test_a_script_is_run_by_what_its_first_line_names(text: str, run: str, tmp_path: Path) -> None:
    script = tmp_path / "it's.sh"
    script.write_text(text)

    asked = checks.author_check(script)

    assert asked.name == "it's.sh"
    assert f"&& {run} $file;" in asked.command


def test_a_script_reaches_the_guest_as_it_is(tmp_path: Path) -> None:
    script = tmp_path / "a.sh"
    script.write_text("echo 'it''s' \"$HOME\"\n")

    assert shlex.split(checks.author_check(script).command)[4] == script.read_text()


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_check_that_cannot_be_read_is_told_before_the_boot(
    content: bytes | None, tmp_path: Path
) -> None:
    script = tmp_path / "no.sh"
    if content:
        script.write_bytes(content)
    with pytest.raises(RequestError, match="cannot read the check"):
        checks.author_check(script)


def test_each_question_has_a_name_of_its_own_and_an_end() -> None:
    names = [question.name for question in checks.QUESTIONS]

    assert len(set(names)) == len(names)
    assert all(question.seconds > 0 for question in checks.QUESTIONS)
