"""What runs in the finished root: the %post sections."""

from collections.abc import Mapping

from appliance.errors import RecipeError
from appliance.recipe.model import Script
from appliance.recipe.sections import Section

WITH_VALUE = ("--interpreter", "--log", "--logfile")


def script(section: Section, options: Mapping[str, str]) -> Script:
    """Return the script of one %post. Raises RecipeError for an interpreter without a path."""
    interpreter = options.get("--interpreter", "/bin/sh")
    if not interpreter.startswith("/"):
        raise RecipeError(
            f"the interpreter '{interpreter}' is not an absolute path",
            hint="--interpreter=/bin/bash",
            where=section.header.where,
        )
    return Script(
        body="".join(f"{line.text}\n" for line in section.body),
        interpreter=interpreter,
        where=section.header.where,
        chroot="--nochroot" not in options,
        error_on_fail="--erroronfail" in options,
        log=options.get("--log", options.get("--logfile", "")),
    )
