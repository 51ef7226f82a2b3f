"""What the author's scripts are: %pre, %pre-install, %post, %onerror, %traceback."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from appliance.errors import RecipeError, Where
from appliance.recipe.model import Script
from appliance.recipe.reading.minimizer import orders
from appliance.recipe.reading.sections import Section

WITH_VALUE = ("--interpreter", "--log", "--logfile")
MINIMIZER = "image-minimizer"  # the one interpreter that is ours


def of_file(body: str, path: Path) -> Script:
    """Return the script that the file *path* with the text *body* holds: it runs in the finished
    root, by the interpreter that its first line names, and must not fail."""
    first = body.partition("\n")[0]
    interpreter = first.removeprefix("#!").strip() if first.startswith("#!") else ""
    where = Where(path, 0)
    return Script(body, interpreter or "/bin/sh", where, error_on_fail=True)


def script(section: Section, options: Mapping[str, str]) -> Script:
    """Return the script of one section; only a %post runs in the root, unless it says otherwise.

    Raises RecipeError for an interpreter without a path, and for what image-minimizer does not
    understand.
    """
    kind, where = section.word.removeprefix("%"), section.header.where
    body = "".join(f"{line.text}\n" for line in section.body)
    interpreter = options.get("--interpreter") or "/bin/sh"
    if PurePosixPath(interpreter).name == MINIMIZER:
        interpreter = MINIMIZER
        if kind != "post":
            raise RecipeError(f"{MINIMIZER} has nothing to do in %{kind}", where=where)
        orders(body, where)
    elif not interpreter.startswith("/"):
        raise RecipeError(
            f"the interpreter '{interpreter}' is not an absolute path",
            hint=f"--interpreter=/bin/bash, or {MINIMIZER}",
            where=where,
        )
    return Script(
        body=body,
        interpreter=interpreter,
        where=where,
        chroot=kind == "post" and "--nochroot" not in options,
        error_on_fail="--erroronfail" in options,
        log=options.get("--log", options.get("--logfile", "")),
        section=kind,
    )
