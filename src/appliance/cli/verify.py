"""`appliance verify`: say whether what was signed about a bundle holds."""

import argparse
import json
from dataclasses import asdict

from appliance.cli.given import opened
from appliance.cli.help import Example
from appliance.cli.options import paths, telling
from appliance.cli.options.option import Option, add
from appliance.cli.printable import printable
from appliance.errors import RequestError
from appliance.inspection.verify import Verdict, Verified, verify
from appliance.intake.envelopes import public_key

BUNDLE = Option(
    ("bundle",), "bundle to verify: its directory, or the one file that it is packed in",
    paths.ANY, metavar="BUNDLE", example="out/web",
)  # fmt: skip
KEY = Option(
    ("--key",), "public key of somebody whose word you take, a PEM file: ECDSA P-256 or ed25519",
    paths.FILE, usual="none: one has to be named", example="key.pub", repeat=True, required=True,
)  # fmt: skip
STATEMENT = Option(
    ("--statement",), "a signed statement about the bundle that does not lie in it",
    paths.FILE, usual="those in the bundle", example="web.test/web.test.json", repeat=True,
)  # fmt: skip
EXAMPLES = (
    Example("whether it is what its maker signed", "appliance verify out/web --key key.pub"),
    Example("for a script", "appliance verify web.zip --key key.pub --json"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "verify",
        help="say whether what was signed about a bundle holds",
        description="Check every signed statement of a bundle: that one of the keys signed it, and "
        "that each file is the one that it speaks of; and SHA256SUMS. Exit code 0: all of it "
        "holds; 2: something does not.",
        examples=EXAMPLES,
    )
    add(parser, BUNDLE, KEY, STATEMENT, telling.STORE, telling.json("the verdicts"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Verify, and print a line per statement; 2 if one of them does not hold."""
    keys = [public_key(file) for file in options.key]
    place = opened(options.bundle, options.store)
    found = verify(place, keys, options.statement)
    if options.json:
        says = {"holds": found.holds, "statements": [asdict(each) for each in found.verdicts],
                "unsigned": list(found.nobody)}  # fmt: skip
        print(json.dumps(says, indent=2))
    else:
        print(text(found))
    return 0 if found.holds else RequestError.exit_code


def text(found: Verified) -> str:
    """What was found, a line each."""
    lines = [line(verdict) for verdict in found.verdicts]
    if found.nobody:
        lines.append(f"note: nothing signed speaks of {', '.join(found.nobody)}")
    return "\n".join(printable(each) for each in lines)


def line(verdict: Verdict) -> str:
    """One verdict in one line."""
    if not verdict.holds:
        return f"FAIL  {verdict.file}: {verdict.problem}"
    count = f"{verdict.files} file{'' if verdict.files == 1 else 's'}"
    told = ", ".join(filter(None, (verdict.kind, verdict.result, f"of {count}")))
    return f"ok    {verdict.file}: {told}" + (f", signed by {verdict.key}" if verdict.key else "")
