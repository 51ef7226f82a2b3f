"""Write a kickstart and everything that it includes as one file."""

from pathlib import Path

from appliance.recipe.overrides import Reading
from appliance.recipe.reading.findings import Findings
from appliance.recipe.reading.lines import read


def flatten(path: Path, reading: Reading) -> str:
    """Return the text of *path* with every include replaced by what it names.

    Raises RecipeError for the first that cannot be read.
    """
    findings = Findings()
    lines = read(path, findings, reading)
    if findings.problems:
        raise findings.problems[0]
    return "".join(f"{line.text}\n" for line in lines)
