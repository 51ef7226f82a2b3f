"""`appliance test`: what is refused before a machine starts, and how a check is told."""

from pathlib import Path

import pytest
from as_typed import Typed

from appliance.cli.matrix import HEAD, row
from appliance.cli.test import line
from appliance.trial.report import Check


def test_an_image_that_is_not_there(typed: Typed) -> None:
    ended = typed("test", "web.qcow2")
    assert (ended.code, ended.out, ended.err) == (2, "", "appliance: there is no web.qcow2\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--login", "admin"], "no password in 'admin'\n  try: --login=admin:PASSWORD"),
        (["--firmware", "coreboot"], "--firmware coreboot: this is not one of bios, both, uefi"),
        (["--check", "."], "--check .: this is a directory, not a file"),
        (["--passphrase", "env:NOBODY_SETS_THIS"], "the variable NOBODY_SETS_THIS, which is not"),
    ],
)
def test_words_that_mean_nothing(typed: Typed, tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "web.raw").write_bytes(bytes(512))
    ended = typed("test", "web.raw", *words)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err


def test_a_check_is_one_line() -> None:
    assert line("bios", Check("units", 1.25, True, "all\nof them")) == (
        "bios  ok   units                      1.2 s  all"
    )
    assert "FAIL" in line("bios", Check("units", 1.0, False, ""))


def test_the_table_has_a_place_for_each_column() -> None:
    assert row(HEAD).split("  ")[0] == "format"
    assert row(HEAD).endswith(HEAD[-1])
