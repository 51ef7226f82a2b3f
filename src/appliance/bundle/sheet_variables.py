"""What a product sheet says of one variable of the kickstart."""

from typing import Any

from appliance.bundle.sheet_keys import Key, truth, typed_text
from appliance.recipe.variables import NAME, TAKEN


def variable_name(value: Any) -> str:
    """Return a name that kickstarts and shells can have; raise ValueError for another."""
    if not NAME.fullmatch(typed_text(value)):
        raise ValueError("a variable's name is at most 64 letters, digits and _, no digit first")
    if value in TAKEN:
        raise ValueError("scripts find something else under this name")
    return str(value)


def _value(value: Any) -> str:
    """Return a text; of several lines, if it must be."""
    if isinstance(value, str) and "\0" not in value:
        return value
    raise ValueError("it must be a text, in quotes")


VARIABLE = {
    "default": Key(
        "default", _value, "its value where no `--var NAME=VALUE` gives one; without it, one must",
        '"shop"',
    ),
    "description": Key(
        "description", typed_text, "what it is for, for whoever has to give a value",
        '"What the machine is called."',
    ),
    "secret": Key(
        "secret", truth,
        "whether nobody may read it but the build's scripts: it is in no log, plan or copy, and in "
        "commands may only be a password; false if it is not said",
        "false",
    ),
}  # fmt: skip
