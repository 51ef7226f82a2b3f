"""`appliance check`: say everything that is wrong with kickstarts, and build nothing."""

import argparse
import json
from pathlib import Path

from appliance.cli import request as typed
from appliance.cli import result
from appliance.engine.foresee import Foreseen, Launched, foresee
from appliance.errors import ApplianceError, RecipeError
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "check",
        help="say everything that is wrong with a kickstart",
        description="Say everything that is wrong with kickstarts, with its place and what to do "
        "about it. Nothing is downloaded but what they include, and nothing is made.",
    )
    parser.add_argument("recipe", type=Path, nargs="+", metavar="FILE.ks", help="kickstart file")
    typed.add_reading(parser)
    typed.add_repositories(parser)
    group = parser.add_argument_group("result")
    result.add_formats(group, trees=True)
    result.add_packages(group)
    result.add_sheet(parser)
    typed.add_architecture(parser)
    parser.add_argument("--json", action="store_true", help="print problems and notes as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read, print; 0 if all can be built, 2 if an author has to change something."""
    overrides = Overrides(
        passphrase=options.passphrase, reading=typed.reading(options), strict=options.strict
    )
    target = Target(formats=result.formats(options), architecture=options.arch)
    handover = result.handover(options)
    sources = typed.sources(options)
    found = [
        foresee(path, overrides, sources, Launched(target, handover, result.sheet(options, path)))
        for path in options.recipe
    ]
    print(as_json(found) if options.json else "\n".join(map(as_text, found)))
    return RecipeError.exit_code if any(each.problems for each in found) else 0


def as_text(found: Foreseen) -> str:
    """Problems first, then notes, then one line that says how many problems there are."""
    wrong = found.problems
    lines = [*(str(error) for error in wrong)]
    lines += [f"{note.where}: note: {note.text}" for note in found.notes]
    count = {0: "no problems", 1: "1 problem"}.get(len(wrong), f"{len(wrong)} problems")
    return "\n".join((*lines, f"{found.path}: {count}"))


def as_json(found: list[Foreseen]) -> str:
    """Everything for programs; a problem without a place has the kickstart's file and line null."""
    problems = [_problem(each.path, error) for each in found for error in each.problems]
    notes = [
        {"file": str(note.where.path), "line": note.where.line, "note": note.text}
        for each in found
        for note in each.notes
    ]
    return json.dumps({"problems": problems, "notes": notes}, indent=2)


def _problem(path: Path, error: ApplianceError) -> dict[str, str | int | None]:
    return {
        "file": str(error.where.path if error.where else path),
        "line": error.where.line if error.where else None,
        "problem": error.problem,
        "try": error.hint,
    }
