"""What a worker tells of a secret: its name."""

from appliance.engine.run_plan import error_from, masked
from appliance.events import Noted, StepReused, ToolSaid, Warned

SECRETS = {"${PW}": "horse", "env:DISK": "staple"}


def test_lines_of_programs_and_notes_hold_no_secret() -> None:
    assert masked(ToolSaid("p", "+ login horse"), SECRETS) == ToolSaid("p", "+ login ${PW}")
    assert masked(Noted("horse failed"), SECRETS) == Noted("${PW} failed")
    assert masked(Warned("horse failed"), SECRETS) == Warned("${PW} failed")
    assert masked(StepReused("horse", "d"), SECRETS) == StepReused("horse", "d")


def test_errors_hold_no_secret() -> None:
    said = {
        "kind": "CommandError", "problem": "staple is wrong", "hint": "", "where": None,
        "tail": ["login horse", "no"],
    }  # fmt: skip
    error = error_from(said, SECRETS)
    assert str(error) == "env:DISK is wrong\n  | login ${PW}\n  | no"
