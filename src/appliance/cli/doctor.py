"""`appliance doctor`: what this machine lacks for building, running and testing appliances."""

import argparse
import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from appliance.cli.help import Example
from appliance.cli.options import telling
from appliance.cli.options.option import add
from appliance.errors import HostError
from appliance.host.accelerator import choose
from appliance.host.checkup import HostFinding, can_build, checkup, virtualization

COLOURS = {"good": "green", "poor": "yellow", "bad": "bold red"}
EXAMPLES = (Example("what is missing here, and how to get it", "appliance doctor"),)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "doctor",
        help="say what this machine lacks",
        description="Look at the programs, permissions, memory and space that builds need, and "
        "say for each that is lacking what to change. Nothing is changed. Exit code 0: a build "
        "can work here; 3: it cannot.",
        examples=EXAMPLES,
    )
    add(parser, telling.json("the findings"), telling.STORE)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what this machine lacks; 0 if a build can work here, 3 if not."""
    findings = (*checkup(options.store), machines())
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        show(findings)
    return 0 if can_build(findings) else HostError.exit_code


def machines() -> HostFinding:
    """Return how guests run here, found out by running one."""
    try:
        found = choose()
    except HostError as error:
        return virtualization("", error.problem)
    return virtualization(found.name, found.reason)


def show(findings: tuple[HostFinding, ...]) -> None:
    """A coloured table on a terminal, one line a finding (and one a cure) elsewhere."""
    last = "A build can work here." if can_build(findings) else "A build cannot work here yet."
    console = Console()
    if not console.is_terminal:
        print("\n".join((*(line(finding) for finding in findings), last)))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        said = Text(finding.text)
        if finding.cure:
            said.append(f"\ntry: {finding.cure}", style="bold")
        table.add_row(Text(finding.verdict, style=COLOURS[finding.verdict]), finding.topic, said)
    console.print(table)
    console.print(Text(last))


def line(finding: HostFinding) -> str:
    """One finding in plain text, its cure on a second line."""
    cure = f"\n      try: {finding.cure}" if finding.cure else ""
    return f"{finding.verdict:<5} {finding.topic:<20} {finding.text}{cure}"
