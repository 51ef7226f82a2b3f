"""Write a kickstart and everything that it includes as one file."""

from collections.abc import Callable
from pathlib import Path

from appliance.recipe.overrides import Reading
from appliance.recipe.reading.findings import Findings
from appliance.recipe.reading.lines import read
from appliance.recipe.reading.sections import divide


def flatten(path: Path, reading: Reading, say: Callable[[str], None] = lambda text: None) -> str:
    """Return the text of *path* with every include replaced by what it names; *say* hears of each
    line that means something else in one file.

    Raises RecipeError for the first that cannot be read.
    """
    findings = Findings(path)
    lines = read(path, findings, reading)
    if findings.problems:
        raise findings.problems[0]
    for section in divide(lines, findings, strict=False)[1]:
        for line in section.body if section.word == "%packages" else ():
            if line.where.path != path and line.text.lstrip().startswith("-"):
                word = line.text.split("#")[0].strip()
                say(f"{line.where}: {word} holds in any case now: in an included file it yields")
    return "".join(f"{line.text}\n" for line in lines)
