"""`appliance run`: start an appliance on this machine, with this terminal as its console."""

import argparse
import sys

from appliance.boot.session import Wishes, run_image
from appliance.cli.given import given
from appliance.cli.help import Example
from appliance.cli.options import guest, telling
from appliance.cli.options.option import add
from appliance.cli.results import reported
from appliance.intake.received import to_start

EXAMPLES = (
    Example("start it, with this terminal as its console", "appliance run out/web"),
    Example(
        "log in over ssh with a key that it does not have yet, and stop it afterwards",
        "appliance run out/web --ssh --ssh-key ~/.ssh/id_ed25519.pub",
    ),
    Example(
        "reach its web server at http://localhost:8080/",
        "appliance run out/web --forward 8080:80",
    ),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "run",
        help="start an appliance on this machine",
        description="Start IMAGE as a virtual machine whose console is this terminal. What it "
        "writes is forgotten when it stops, unless you say --persist.",
        examples=EXAMPLES,
    )
    add(
        parser, guest.IMAGE, telling.STORE, guest.SSH, guest.USER,
        telling.json("in the last line with what it ended"), guest.MACHINE, guest.IDENTITY,
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Start the appliance; return 0, or with --ssh the status of ssh."""
    with reported("run", options) as report:
        report.status = _started(options)
    return report.status


def _started(options: argparse.Namespace) -> int:
    wishes = Wishes(
        firmware=options.firmware,
        memory=options.memory,
        cpus=options.cpus,
        graphics=options.graphics,
        persist=options.persist,
        ports=tuple(options.forward),
        ssh=options.ssh,
        user=options.login,
        ssh_key=options.ssh_key,
        password=options.root_password,
        hostname=options.hostname,
        credentials=tuple(options.credential),
        disk_bus=options.disk_bus,
        network_card=options.network_card,
        discs=tuple(options.cdrom),
    )
    image = to_start(given(options.image, options.store))
    return run_image(image, wishes, say=lambda text: print(text, file=sys.stderr))
