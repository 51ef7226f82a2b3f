"""Read the scripts of the first boot, which a product sheet names."""

import re
from dataclasses import replace
from pathlib import Path

from appliance.errors import RequestError, Where
from appliance.host.short_texts import short_text
from appliance.intake.places import inside
from appliance.recipe.first_boot import BootScript, FirstBoot
from appliance.units import MIB

LONGEST = MIB  # bytes, as a kickstart
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def with_scripts(said: FirstBoot, sheet: Path) -> FirstBoot:
    """Return *said* with the texts of the scripts that the *sheet* names.

    They are in its directory, or below: a sheet is taken by itself, and may be a stranger's.
    Raises RequestError for one that is not there, is no text, or does not say by which program it
    runs.
    """
    where = said.where or Where(sheet, 0)
    return replace(said, scripts=tuple(_read(file, sheet, where) for file in said.files))


def _read(file: str, sheet: Path, where: Where) -> BootScript:
    try:
        path = inside(file, sheet, where)
    except RequestError:
        raise _refused(file, f"is not a file below {sheet.parent}", where) from None
    if not NAME.fullmatch(path.name):
        raise _refused(file, "has a name that is not letters, digits, dots and dashes", where)
    try:
        body = short_text(path, LONGEST)
    except OSError as error:
        raise _refused(file, f"cannot be read: {error.strerror}", where) from None
    except UnicodeDecodeError:
        raise _refused(file, "is not UTF-8 text", where) from None
    except ValueError as error:
        raise _refused(file, f"cannot be read: {error}", where) from None
    first = body.partition("\n")[0]
    if not first.startswith("#!") or not first.removeprefix("#!").strip().startswith("/"):
        raise _refused(file, "does not say by which program it runs", where, hint="#!/bin/sh -eu")
    if first.endswith("\r"):  # execve(2) would look for a program whose name ends in it
        raise _refused(file, "has the line ends of Windows", where, hint=f"dos2unix {file}")
    if "\0" in body:
        raise _refused(file, "holds a zero byte", where)
    return BootScript(path.name, body)


def _refused(file: str, problem: str, where: Where, *, hint: str = "") -> RequestError:
    return RequestError(f"[first-boot] scripts: '{file}' {problem}", hint=hint, where=where)
