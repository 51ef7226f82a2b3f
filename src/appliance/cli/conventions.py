"""`appliance lint --conventions`: say where an appliance does not go by our conventions."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from appliance.backends.image_rules.conventions import RULES
from appliance.cli.given import given
from appliance.cli.options.option import Option
from appliance.cli.options.reading_images import means
from appliance.cli.printable import printable
from appliance.errors import RequestError
from appliance.inspection.judging.conventions import Followed, judged

CONVENTIONS = Option(
    ("--conventions",),
    "look at any image or bundle for where it does not go by the conventions for appliances",
)


def run(options: argparse.Namespace) -> int:
    """Judge an image by the conventions, and print where it breaks them; 2 if it does."""
    received = given(options.ova, options.store)
    found = judged(received.image, received.bundle, means=means(options))
    print(json.dumps(asdict(found), indent=2) if options.json else text(found, options.ova))
    return RequestError.exit_code if found.breaks else 0


def text(found: Followed, path: Path) -> str:
    """The breaks for people, each with its rule, and in the end how many there are."""
    lines = []
    for each in found.breaks:
        lines.append(f"{each.rule}: {printable(f'{each.path}: {each.what}')}")
        lines.append(f"    {each.sentence}")
    lines += [f"not judged: {printable(note)}" for note in found.notes]
    edition = f"edition {found.edition}" if found.edition else "no edition is named"
    count = len(found.breaks)
    told = f"{count} break{'' if count == 1 else 's'} of {len(RULES)} rules"
    return "\n".join((*lines, f"{printable(str(path))}: {edition}: {told}"))


def rules_text(as_json: bool) -> str:
    """Return all rules, as JSON or as one line each."""
    if as_json:
        rows = [{"rule": rule.number, "sentence": rule.sentence} for rule in RULES]
        return json.dumps(rows, indent=2)
    return "\n".join(f"{rule.number:5} {rule.sentence}" for rule in RULES)
