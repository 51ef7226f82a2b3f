"""`--var` as people type it."""

from pathlib import Path

import pytest
from as_typed import Typed

from appliance.cli.options.kickstart import VAR


def test_a_value_is_typed_or_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "horse=1")
    assert [VAR(text) for text in ("A=", "B=c=d", "PW")] == [
        ("A", ""), ("B", "c=d"), ("PW", "horse=1"),
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["=secret", "a-b=secret", "ä=secret", "NOT_SET_ANYWHERE"])
def test_what_is_no_variable_is_refused_and_not_repeated(word: str, typed: Typed) -> None:
    ended = typed("plan", "x.ks", "--var", word)
    assert ended.code == 2
    assert "--var: " in ended.err
    assert "NAME=VALUE" in ended.err
    assert "secret" not in ended.err


def test_a_variable_without_a_value_is_a_problem_of_its_kickstart(
    typed: Typed, tmp_path: Path
) -> None:
    for name in ("x", "y"):
        (tmp_path / f"{name}.ks").write_text("part / --size=1024\n")
    (tmp_path / "x.toml").write_text("[variables.HOST]\n")

    ended = typed("check", "x.ks", "y.ks")
    assert ended.code == 2
    assert "x.toml:1: the variable HOST has no value\n  try: --var HOST=VALUE" in ended.out
    assert "y.ks: no problems" in ended.out
    assert typed("check", "x.ks", "--var", "HOST=a").code == 0
