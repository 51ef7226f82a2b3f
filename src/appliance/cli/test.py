"""`appliance test`: boot an appliance as a machine, log in, and prove that it is well."""

import argparse
import sys
from dataclasses import replace

from appliance.boot import ovmf
from appliance.boot.access import agree
from appliance.boot.credentials import parse
from appliance.cli import matrix
from appliance.cli.given import given
from appliance.cli.help import Example
from appliance.cli.options import guest, telling
from appliance.cli.options.option import add
from appliance.cli.printable import printable
from appliance.host.passphrase_sources import named
from appliance.intake.received import to_start
from appliance.trial.prove import Hardware, Provision, complain, prepare, prove
from appliance.trial.report import Check, to_json

EXAMPLES = (
    Example("boot it under each firmware that it is for, and log in", "appliance test out/web"),
    Example("run a script of yours in it, too", "appliance test out/web --check smoke.sh"),
    Example(
        "on the hardware of VMware",
        "appliance test out/web --disk-bus pvscsi --network-card vmxnet3",
    ),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "test",
        help="boot an appliance and prove that it lets you in",
        description="Start IMAGE as a virtual machine, never writing to it, wait for its login "
        "prompt, log in, and check units, network, disk and whatever you ask. Without --login "
        "and --login-key a one-time password for root is handed over at launch; an image that "
        "takes none is tested up to its prompt.",
        examples=EXAMPLES,
    )
    add(
        parser,
        *(guest.IMAGE, telling.STORE, guest.TEST_FIRMWARE, guest.LOGIN, guest.PASSPHRASE),
        *(guest.LOGIN_KEY, guest.CHECK, *guest.HARDWARE, guest.CREDENTIAL, guest.REPORT),
        *(guest.STATEMENT_KEY, telling.json("the report"), guest.MATRIX, guest.AGAIN),
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Boot the appliance, print a line per check, and raise BootError if one failed."""
    lines = sys.stderr if options.json else sys.stdout
    image = given(options.image, options.store)
    trial = prepare(
        to_start(image),
        output=options.output,
        firmwares=ovmf.CHOICES.get(options.firmware, ()),
        scripts=options.check,
        hardware=Hardware(options.memory, options.cpus, options.disk_bus, options.network_card),
        provision=Provision(
            access=agree(options.login, options.ssh_key),
            passphrase=named(options.passphrase) if options.passphrase else "",
            discs=tuple(options.cdrom),
            given=tuple(parse(text) for text in options.credential),
        ),
    )
    if options.statement_key:
        trial = replace(trial, key=options.statement_key)
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
    return f"{name:<5} {mark} {check.name:<22} {check.seconds:7.1f} s  {printable(first)}"
