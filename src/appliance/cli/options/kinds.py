"""What may stand behind options: numbers, sizes, words, texts. Each says why it refuses a text."""

import os
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from appliance.bundle.allowed import parse_allowed
from appliance.bundle.model import Port
from appliance.bundle.sheet import PROTOCOLS
from appliance.bundle.sheet_keys import typed_text
from appliance.cli.options.option import Kind
from appliance.errors import RequestError
from appliance.recipe.overrides import NAME
from appliance.units import MIB, parse_size

FITTED = 0  # instead of a disk's size: as small as what is in it allows
AUTO = "auto"
ASK = "ask"  # instead of where a passphrase is: people are asked for it
WHOLE = re.compile(r"-?[0-9]{1,18}")


def count(none: str, *, most: int = 0, metavar: str = "N") -> Kind:
    """A whole number, one or more.

    *none* is the complaint about a smaller number, *most* the largest that is possible (0: no
    limit).
    """
    return Kind("count", metavar, lambda text: counted(text, none, most))


def counted(text: str, none: str, most: int = 0) -> int:
    """Return the number in *text*; raise ValueError if it is below 1 or above *most* (0: no
    limit)."""
    number = _whole(text)
    if number < 1:
        raise ValueError(none)
    if most and number > most:
        raise ValueError(f"more than {most} are not possible")
    return number


def mebibytes(none: str) -> Kind:
    """A whole number of MiB, as older programs take it; the value is bytes."""
    return Kind("mebibytes", "MIB", lambda text: counted(text, none) * MIB)


def allowed() -> Kind:
    """A rule about images, with the file that it does not hold for."""
    return Kind("exception", "RULE[:PATH]", parse_allowed)


def index() -> Kind:
    """A whole number, zero or more."""
    return Kind("index", "N", _index)


def _index(text: str) -> int:
    number = _whole(text)
    if number < 0:
        raise ValueError("this counts from 0 on")
    return number


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise ValueError("this is not a whole number")
    return int(text)


def size(none: str) -> Kind:
    """A size with its unit; the value is bytes."""
    return Kind("size", "SIZE", lambda text: _size(text, none))


def _size(text: str, none: str) -> int:
    try:
        found = parse_size(text)
    except ValueError:
        raise ValueError("this is not a size with its unit, such as 4GiB or 512MiB") from None
    if found < 1:
        raise ValueError(none)
    return found


def disk_size() -> Kind:
    """A size with its unit, or `auto`; the value is bytes, FITTED for `auto`."""
    return Kind("disk size", "SIZE|auto", _disk_size, known=(AUTO,))


def _disk_size(text: str) -> int:
    return FITTED if text == AUTO else _size(text, "a disk holds at least one partition")


def port() -> Kind:
    """A port that a machine serves: NUMBER or NUMBER/udp."""
    return Kind("port", "N[/udp]", _port)


def _port(text: str) -> Port:
    number, slash, protocol = text.partition("/")
    if slash and protocol not in PROTOCOLS:
        raise ValueError(f"behind the slash stands {' or '.join(PROTOCOLS)}")
    return Port(int(_port_number(number)), protocol or "tcp")


def port_number() -> Kind:
    """The number of a port; the value stays text."""
    return Kind("port number", "PORT", _port_number)


def _port_number(text: str) -> str:
    if not 0 < _whole(text) < 65536:
        raise ValueError("a port is a number from 1 to 65535")
    return text


def one_of(*known: str) -> Kind:
    """One of a few words, which help lists."""
    return Kind("word", f"{{{','.join(known)}}}", lambda text: _one_of(text, known), known=known)


def _one_of(text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        near = get_close_matches(text, known, n=1)
        raise RequestError(f"this is not one of {', '.join(known)}", hint="".join(near))
    return text


def words(known: Iterable[str], find: Callable[[str], Any], metavar: str) -> Kind:
    """One or more of a table's names with commas between them; *find* raises RequestError for one
    that the table does not have."""

    def read(text: str) -> list[str]:
        said = [word.strip() for word in text.split(",") if word.strip()]
        if not said:
            raise ValueError("nothing is named here")
        for word in said:
            find(word)
        return said

    return Kind("words", metavar, read, known=tuple(known), several=True)


def text(metavar: str = "TEXT") -> Kind:
    """A text, as a product sheet may have it."""
    return Kind("text", metavar, typed_text)


def name(metavar: str = "NAME", known: Iterable[str] = ()) -> Kind:
    """A text that is not empty; *known* are words that a shell offers."""
    return Kind("name", metavar, _name, known=tuple(known))


def _name(said: str) -> str:
    if not said.strip():
        raise ValueError("this is empty")
    return typed_text(said)


def secret(metavar: str = "PASSWORD") -> Kind:
    """A text that nobody else shall read, and that is not empty."""
    return Kind("secret", metavar, _name, secret=True)


def user() -> Kind:
    """A user's name, with a password after a colon, which no message repeats."""
    return Kind("user", "NAME[:PASSWORD]", _user, secret=True)


def _user(said: str) -> str:
    if not NAME.fullmatch(said.partition(":")[0]):
        raise ValueError("this does not begin with the name of a user")
    return said


def passphrase() -> Kind:
    """Where a passphrase is: env:NAME or file:PATH. People type the passphrase itself here, so no
    message repeats it."""
    return Kind("passphrase", "SOURCE", _passphrase, secret=True)


def passphrase_or_ask() -> Kind:
    """Where a passphrase is, or the word for asking people."""
    return Kind("passphrase or ask", "SOURCE", _passphrase_or_ask, known=(ASK,), secret=True)


def _passphrase_or_ask(said: str) -> str:
    return said if said == ASK else _passphrase(said)


def _passphrase(said: str) -> str:
    kind, _, rest = said.partition(":")
    if kind not in ("env", "file") or not rest:
        raise ValueError(
            "this says where the passphrase is (env:NAME or file:PATH), not what it is"
        )
    return said


def variable() -> Kind:
    """A variable, typed as NAME=VALUE, or as NAME if its value is in the environment; the value is
    the pair of both. It may be a secret, so no message repeats it."""
    return Kind("variable", "NAME[=VALUE]", _variable, secret=True)


def _variable(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not name.isascii() or not name.isidentifier():
        raise ValueError("this is not NAME=VALUE")
    if not equals and name not in os.environ:
        raise ValueError(f"{name} is not NAME=VALUE, and not set in the environment")
    return name, value if equals else os.environ[name]


def checked(kind: str, metavar: str, read: Callable[[str], Any], known: Iterable[str] = ()) -> Kind:
    """A text that another room understands: *read* raises RequestError for one that it does not;
    *known* are words that a shell offers.

    The value is the text, since that room reads it again when its turn comes.
    """

    def keep(said: str) -> str:
        read(said)
        return said

    return Kind(kind, metavar, keep, known=tuple(known))
