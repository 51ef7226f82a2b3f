"""Read a passphrase from where people say it is: a variable or a file, never a command line."""

import os
from pathlib import Path

from appliance.errors import RequestError, Where

LONGEST = 512  # characters that cryptsetup(8) reads from a terminal


def named(source: str, where: Where | None = None) -> str:
    """Return the passphrase from *source*, env:NAME or file:PATH; raise RequestError if there is
    none. *where* is the line of the kickstart that the error names."""
    kind, _, rest = source.partition(":")
    if kind not in ("env", "file"):
        raise RequestError(
            "--passphrase says where the passphrase is, not what it is",
            hint="--passphrase env:NAME or --passphrase file:PATH",
        )
    text = _variable(rest, where) if kind == "env" else _file(rest, where)
    return checked(text, source, where)


def checked(text: str, source: str, where: Where | None) -> str:
    """Return *text*, the passphrase from *source*; raise RequestError for one that is empty,
    or that nobody could type."""
    if not text:
        raise RequestError(f"the passphrase from {source} is empty", where=where)
    if len(text) > LONGEST or not text.isprintable():
        raise RequestError(
            f"nobody could type the passphrase from {source}",
            where=where,
            hint=f"one line of at most {LONGEST} characters",
        )
    return text


def _variable(name: str, where: Where | None) -> str:
    if name not in os.environ:
        raise RequestError(
            f"the passphrase is to be in the variable {name}, which is not set",
            where=where,
            hint=f"export {name}, or --passphrase file:PATH",
        )
    return os.environ[name]


def _file(name: str, where: Where | None) -> str:
    try:
        with Path(name).open(encoding="utf-8") as file:
            return file.read(LONGEST + 2).removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(
            f"the passphrase cannot be read from {name}: {error}",
            where=where,
            hint="--passphrase file:PATH or env:NAME",
        ) from error
