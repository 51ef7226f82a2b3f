"""`appliance test`: boot an appliance as a machine, log in, and prove that it is well."""

import argparse
import sys
from pathlib import Path

from appliance.boot import ovmf
from appliance.boot.access import agree
from appliance.boot.credentials import parse
from appliance.cli import add_store, matrix
from appliance.cli.packages import at_hand
from appliance.cli.result import size
from appliance.cli.run import add_hardware
from appliance.engine.passphrases import named
from appliance.trial.prove import complain, prepare, prove
from appliance.trial.report import Check, to_json


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "test",
        help="boot an appliance and prove that it lets you in",
        description="Start IMAGE as a virtual machine, never writing to it, wait for its login "
        "prompt, log in, and check units, network, disk and whatever you ask. Without --login "
        "and --ssh-key a one-time password for root is handed over at launch; an image that "
        "takes none is tested up to its prompt.",
    )
    parser.add_argument("image", type=Path, help="disk image, bundle, its package or NAME.xml")
    add_store(parser)
    parser.add_argument(
        "--firmware", choices=sorted(ovmf.CHOICES), default="",
        help="under which it has to boot (default: both, or the one that its description names)",
    )  # fmt: skip
    parser.add_argument(
        "--login", default="", metavar="USER[:PASSWORD]",
        help="log in on the console; with --ssh-key, the user alone",
    )  # fmt: skip
    parser.add_argument(
        "--passphrase", default="", metavar="SOURCE",
        help="env:NAME or file:PATH, typed on the console where an encrypted volume asks for it",
    )  # fmt: skip
    parser.add_argument("--ssh-key", type=Path, metavar="FILE", help="log in over ssh instead")
    parser.add_argument(
        "--check", type=Path, action="append", default=[], metavar="SCRIPT",
        help="run inside; has to end with status 0 (repeatable)",
    )  # fmt: skip
    parser.add_argument("--memory", type=size, default=0, metavar="SIZE", help="e.g. 2GiB")
    parser.add_argument("--cpus", type=int, default=0, metavar="N")
    add_hardware(parser)
    parser.add_argument(
        "--credential", action="append", default=[], metavar="NAME=VALUE",
        help="hand it over at launch; see systemd.system-credentials(7) (repeatable)",
    )  # fmt: skip
    parser.add_argument(
        "--output", type=Path, metavar="DIR",
        help="for report.json, junit.xml, consoles, screens (default: NAME.test)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument(
        "--matrix", action="store_true",
        help="try every format, firmware, disk bus and network card that the bundle claims, and "
        "print a table; what was well before is not tried again",
    )  # fmt: skip
    parser.add_argument(
        "--refresh", action="store_true", help="with --matrix: try everything again"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Boot, print a line per check, raise BootError if one failed."""
    lines = sys.stderr if options.json else sys.stdout
    image = at_hand(options.image, options.store)
    trial = prepare(
        image,
        output=options.output,
        firmwares=ovmf.CHOICES.get(options.firmware, ()),
        access=agree(options.login, options.ssh_key),
        scripts=options.check,
        memory=options.memory,
        cpus=options.cpus,
        disk_bus=options.disk_bus,
        network_card=options.network_card,
        discs=tuple(options.cdrom),
        given=[parse(text) for text in options.credential],
        passphrase=named(options.passphrase) if options.passphrase else "",
    )
    if options.matrix:
        return matrix.tried(trial, image, options)
    reports = prove(
        trial,
        say=lambda text: print(text, file=sys.stderr),
        on_check=lambda name, check: print(line(name, check), file=lines, flush=True),
    )
    if options.json:
        print(to_json(reports), end="")
    complain(trial, reports)
    for report in reports:
        print(f"{report.firmware}: {report.verdict}", file=lines)
    return 0


def line(name: str, check: Check) -> str:
    """One check in one line."""
    first = check.evidence.strip().split("\n", 1)[0]
    mark = "ok  " if check.passed else "FAIL"
    return f"{name:<5} {mark} {check.name:<22} {check.seconds:7.1f} s  {first}"
