"""What may stand behind a key of the product sheet: each kind of value, and why another is refused.

All readers take TOML's value and return the sheet's; they raise ValueError with the reason.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from appliance.bundle.model import EDITIONS
from appliance.units import parse_size

MOST = 1024  # processors, or network cards
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # C0, DEL and C1, but for blanks
SURROGATE = re.compile(r"[\ud800-\udfff]")  # no encoding can write one


@dataclass(frozen=True)
class Key:
    """One key of a table of the sheet.

    *field*: the field of the value that the table becomes (Sheet, Product, Port, …).
    *read*: turns TOML's value into the field's; raises ValueError for one that cannot be.
    *means*: what the key is for, its unit and what holds without it, for the reference manual.
    *example*: a value as it stands in a sheet.
    """

    field: str
    read: Callable[[Any], Any]
    means: str
    example: str


def typed_text(value: Any) -> str:
    """Return a text that terminals and descriptions can show."""
    if not isinstance(value, str):
        raise ValueError("it must be a text, in quotes")
    if CONTROL.search(value):
        raise ValueError("it holds a control character")
    if SURROGATE.search(value):
        raise ValueError("it holds half of a letter (a lone surrogate)")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """Return a list of such texts, none of them empty."""
    if not isinstance(value, list):
        raise ValueError('it must be a list of texts, as ["…", "…"]')
    if not all(value):
        raise ValueError("one of its texts is empty")
    return tuple(map(typed_text, value))


def count(value: Any) -> int:
    """Return a whole number from 1 to MOST."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST:
        raise ValueError(f"it must be a whole number, 1 to {MOST}")
    return value


def edition(value: Any) -> int:
    """Return the number of an edition of the conventions."""
    if value not in EDITIONS or isinstance(value, bool):
        raise ValueError(f"the editions that there are: {', '.join(map(str, EDITIONS))}")
    return int(value)


def port_number(value: Any) -> int:
    """Return the number of a port, 1 to 65535."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 65536:
        raise ValueError("it must be a port, 1 to 65535")
    return value


def size(value: Any) -> int:
    """Return the bytes of a size with its unit."""
    return parse_size(typed_text(value))


def truth(value: Any) -> bool:
    """Return one of TOML's own words true and false."""
    if not isinstance(value, bool):
        raise ValueError("it must be true or false")
    return value


def one_of(*words: str) -> Callable[[Any], str]:
    """Return a reader of one of a few words."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"it must be one of {', '.join(words)}")
        return str(value)

    return read


def property_key(value: Any) -> str:
    """Return a word by which a guest can ask for a property."""
    if not re.fullmatch(r"[A-Za-z_][\w.-]*", typed_text(value)):
        raise ValueError("it must be letters, digits, dots, hyphens")
    return str(value)


def property_default(value: Any) -> str:
    """Return a property's value as OVF writes it."""
    if isinstance(value, bool):
        return "True" if value else "False"  # OVF 1.1, table 6
    if isinstance(value, int):
        return str(value)
    return typed_text(value)
