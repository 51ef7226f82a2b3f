"""`appliance check`: say everything that is wrong with a kickstart, and build nothing."""

import argparse
import json
from pathlib import Path

from appliance.errors import RecipeError
from appliance.recipe.load import problems
from appliance.recipe.model import Note


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser("check", help="say everything that is wrong with a kickstart")
    parser.add_argument("recipe", type=Path, help="kickstart file")
    parser.add_argument("--json", action="store_true", help="print problems and notes as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read, print; 0 if the recipe can be built, 2 if its author has to change it."""
    wrong, recipe = problems(options.recipe)
    notes = recipe.notes if recipe else ()
    print(as_json(wrong, notes) if options.json else as_text(options.recipe, wrong, notes))
    return RecipeError.exit_code if wrong else 0


def as_text(path: Path, wrong: list[RecipeError], notes: tuple[Note, ...]) -> str:
    """Problems first, then notes, then one line that says how many problems there are."""
    lines = [*(str(error) for error in wrong)]
    lines += [f"{note.where}: note: {note.text}" for note in notes]
    count = {0: "no problems", 1: "1 problem"}.get(len(wrong), f"{len(wrong)} problems")
    return "\n".join((*lines, f"{path}: {count}"))


def as_json(wrong: list[RecipeError], notes: tuple[Note, ...]) -> str:
    """Everything for programs; a problem without a place has file and line null."""
    problems = [
        {
            "file": str(error.where.path) if error.where else None,
            "line": error.where.line if error.where else None,
            "problem": error.problem,
            "try": error.hint,
        }
        for error in wrong
    ]
    said = [
        {"file": str(note.where.path), "line": note.where.line, "note": note.text} for note in notes
    ]
    return json.dumps({"problems": problems, "notes": said}, indent=2)
