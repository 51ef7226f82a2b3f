"""Variables of a kickstart: the names that its product sheet declares, and what they stand for in
one build."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from appliance.errors import RequestError, Where
from appliance.units import KIB, show

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
# What scripts find in their environment whatever is declared; POSIX.1-2017, 8.3, and our own.
TAKEN = (
    "PATH", "HOME", "LC_ALL", "TZ", "SOURCE_DATE_EPOCH", "INSTALL_ROOT", "ANA_INSTALL_PATH", "IFS",
)  # fmt: skip
LONGEST = 64 * KIB  # bytes of a value; the kernel passes on at most 128 KiB (execve(2))


@dataclass(frozen=True)
class Variable:
    """A name that a product sheet declares.

    *name*: as it stands in the kickstart, between the braces of ${NAME}.
    *default*: its value where nobody gives one; None: somebody must.
    *description*: what it is for, for whoever has to give a value.
    *secret*: True if nobody but the build's own scripts may read its value.
    *where*: where the sheet declares it.
    """

    name: str
    default: str | None = None
    description: str = ""
    secret: bool = False
    where: Where | None = None


@dataclass(frozen=True)
class Value:
    """What a variable stands for in one build; a text of a *secret* one goes no further than to
    the build's scripts and to the hash of a password."""

    name: str
    text: str = field(repr=False)
    secret: bool = False


def settle(declared: Sequence[Variable], given: Iterable[tuple[str, str]]) -> tuple[Value, ...]:
    """Return the value of every *declared* variable: the one that is *given* last for its name, or
    its default. What is given for other names is for the addresses of repositories.

    Raises RequestError for a variable that has no value, for a value that no script could be told,
    and for a name that is nearly that of a declared variable, and of none.
    """
    typed = dict(given)
    known = {variable.name for variable in declared}
    for name in typed:
        if name not in known and (near := get_close_matches(name, known, n=1)):
            raise RequestError(f"--var {name}: no such variable is declared", hint=f"{near[0]}?")
    missing = [each for each in declared if each.default is None and each.name not in typed]
    if missing:
        raise _without_value(missing)
    return tuple(
        Value(each.name, _checked(each, typed.get(each.name, each.default or "")), each.secret)
        for each in declared
    )


def secret_values(values: Iterable[Value]) -> dict[str, str]:
    """Return the texts of the secret ones, by what stands in their place wherever people read."""
    return {f"${{{value.name}}}": value.text for value in values if value.secret}


def _without_value(missing: Sequence[Variable]) -> RequestError:
    first = missing[0]
    said = f" ({first.description})" if first.description else ""
    secrets = [f"{each.name}=…" for each in missing if each.secret]
    more = f"; nor have {', '.join(each.name for each in missing[1:])}" if missing[1:] else ""
    return RequestError(
        f"the variable {first.name}{said} has no value{more}",
        hint=" ".join(f"--var {each.name}" + ("" if each.secret else "=VALUE") for each in missing)
        + (f", with {' and '.join(secrets)} set in the environment" if secrets else ""),
        where=first.where,
    )


def _checked(variable: Variable, text: str) -> str:
    size = len(text.encode(errors="surrogateescape"))
    if "\0" in text:
        raise RequestError(f"--var {variable.name}: a value cannot hold a zero byte")
    if size > LONGEST:
        raise RequestError(
            f"--var {variable.name}: the value has {show(size)}, more than {show(LONGEST)}",
            hint="hand it over as a file",
        )
    return text
