"""`appliance test --matrix`: print a line for each way in which an appliance can start."""

import argparse
import json
import sys
from dataclasses import asdict

from appliance.cli.printable import printable
from appliance.intake.received import Received
from appliance.trial.matrix import Outcome, claims, complain, run
from appliance.trial.prove import Trial
from appliance.trial.report import Check

BOOTS = "boots"  # where in the store results are kept
HEAD = ("format", "firmware", "disks", "cards", "result", "seconds", "asked for by")


def tried(trial: Trial, given: Received, options: argparse.Namespace) -> int:
    """Try what was *given* claims, print a line for each as it ends; raise BootError if one
    failed."""
    matrix = claims(trial, given)
    lines = sys.stderr if options.json else sys.stdout
    outcomes = []
    print(row(HEAD), file=lines, flush=True)
    for outcome in run(
        matrix,
        options.store.absolute() / BOOTS,
        again=options.refresh,
        say=lambda text: print(text, file=sys.stderr),
        on_check=_told,
    ):
        outcomes.append(outcome)
        print(row(cells(outcome)), file=lines, flush=True)
        if outcome.problem:
            print(f"  {outcome.problem}", file=lines, flush=True)
    for note in matrix.notes:
        print(note, file=lines)
    if options.json:
        print(json.dumps({"matrix": list(map(said, outcomes)), "notes": matrix.notes}, indent=2))
    complain(outcomes)
    return 0


def row(texts: tuple[str, ...]) -> str:
    """Return one line of the table, its columns filled with blanks."""
    widths = (11, 8, 11, 7, 20, 7)
    return "  ".join(text.ljust(width) for text, width in zip(texts, (*widths, 0), strict=True))


def cells(outcome: Outcome) -> tuple[str, ...]:
    """Return the texts that stand in one line of the table."""
    cell = outcome.cell
    result = f"{outcome.verdict}, before" if outcome.kept else outcome.verdict
    return (
        cell.disk_format,
        cell.firmware,
        cell.disk_bus,
        cell.network_card,
        result,
        f"{outcome.seconds:7.1f}",
        ", ".join(cell.claims),
    )


def said(outcome: Outcome) -> dict[str, object]:
    """Return one outcome as plain values, for JSON."""
    return {**asdict(outcome.cell), **asdict(outcome), "cell": outcome.cell.name}


def _told(firmware: str, check: Check) -> None:
    if not check.passed:
        first = check.evidence.strip().split("\n", 1)[0]
        print(f"  {firmware}: {check.name}: {printable(first)}", file=sys.stderr, flush=True)
