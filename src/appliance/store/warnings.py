"""What went wrong while a result was made, kept with it: whoever uses the result is told, too."""

import json
from pathlib import Path

FILE = "warnings.json"  # in the directory of a result


def keep_warning(draft: Path, text: str) -> None:
    """Add *text* to the warnings of the result that is being made in the directory *draft*."""
    (draft / FILE).write_text(json.dumps([*warnings(draft), text]))


def warnings(result: Path) -> tuple[str, ...]:
    """Return what went wrong when the result in the directory *result* was made, the first
    first."""
    place = result / FILE
    return tuple(json.loads(place.read_text())) if place.exists() else ()
