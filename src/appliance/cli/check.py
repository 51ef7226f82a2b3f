"""`appliance check`: say everything that is wrong with kickstarts, and build nothing."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from appliance.cli import outcome
from appliance.cli import request as typed
from appliance.cli.help import Example
from appliance.cli.options import changes, kickstart, own_files, product, result, telling
from appliance.cli.options.kinds import FITTED
from appliance.cli.options.option import add
from appliance.cli.printable import printable, told
from appliance.creation.foresee import Foreseen, Launched, foresee
from appliance.errors import ApplianceError, RecipeError, RequestError
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides

RECIPES = replace(
    kickstart.RECIPE, text="kickstart files to look at, one after the other", number="+"
)
JSON = telling.json("problems and notes")
MOST = (
    *(JSON, result.FORMATS, result.FOR, product.SHEET),
    *(kickstart.INCLUDE_PATH, kickstart.STRICT, kickstart.REPO, kickstart.VAR),
)
EXAMPLES = (
    Example("everything that would stop a build", "appliance check web.ks"),
    Example("many at once, as a program reads it", "appliance check web.ks old.ks --json"),
    Example("the exact syntax of one release", "appliance check web.ks --strict RHEL9"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "check",
        help="say everything that is wrong with a kickstart",
        description="Say everything that is wrong with kickstarts, with its place and what to do "
        "about it. Nothing is downloaded but what they include, and nothing is made.",
        most=MOST,
        examples=EXAMPLES,
    )
    add(parser, RECIPES, JSON, result.ARCH)
    add(parser, *changes.NAMING, changes.CHANGES)
    add(parser, own_files.OWN_FILES)
    add(parser, kickstart.READING, kickstart.REPOSITORIES, result.CHECKED)
    add(parser, product.MACHINE, product.PRODUCT)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the kickstarts and print what is wrong; 0 if all can be built, 2 if an author has to
    change something."""
    found = [looked_at(path, options) for path in options.recipe]
    print(as_json(found) if options.json else "\n".join(map(as_text, found)))
    return RecipeError.exit_code if any(each.problems for each in found) else 0


def looked_at(path: Path, options: argparse.Namespace) -> Foreseen:
    """Return what would stop a build of the kickstart *path* with its product sheet."""
    target = Target(
        formats=outcome.formats(options),
        architecture=options.arch,
        disk_size=typed.disk_size(options),
        fitted=options.disk_size == FITTED,
        grow_root=options.grow_root,
    )
    handover = outcome.handover(options)
    sheet = outcome.sheet(options, path)
    try:
        variables = typed.variables(options, sheet)
        brand = typed.brand(options, sheet, path)
    except RequestError as error:
        return Foreseen(path, (error,), ())
    overrides = Overrides(
        passphrase=options.passphrase,
        reading=typed.reading(options),
        strict=options.strict,
        variables=variables,
        first_boot=sheet.first_boot,
        brand=brand,
        **typed.changes(options, path),
    )
    asked = typed.repositories(options, sheet)
    return foresee(path, overrides, asked, Launched(target, handover, sheet))


def as_text(found: Foreseen) -> str:
    """Problems first, then notes, then one line that says how many problems there are."""
    wrong = found.problems
    lines = [told(error) for error in wrong]
    lines += [printable(f"{note.where}: note: {note.text}") for note in found.notes]
    count = {0: "no problems", 1: "1 problem"}.get(len(wrong), f"{len(wrong)} problems")
    return "\n".join((*lines, printable(f"{found.path}: {count}")))


def as_json(found: list[Foreseen]) -> str:
    """Return everything as JSON; a problem without a place has the kickstart's file and line
    null."""
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
