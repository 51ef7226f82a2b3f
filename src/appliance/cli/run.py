"""`appliance run`: start an appliance on this machine, with this terminal as its console."""

import argparse
import sys
from pathlib import Path

from appliance.boot.session import Wishes, run_here
from appliance.bundle.model import DISK_BUSES, NETWORK_CARDS
from appliance.cli import add_store
from appliance.cli.packages import at_hand
from appliance.cli.result import size


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "run",
        help="start an appliance on this machine",
        description="Start IMAGE as a virtual machine whose console is this terminal. What it "
        "writes is forgotten when it stops, unless you say --persist.",
    )
    parser.add_argument("image", type=Path, help="disk image, bundle, its package or NAME.xml")
    add_store(parser)
    machine = parser.add_argument_group("machine")
    machine.add_argument(
        "--uefi", action="store_true", help="start under UEFI, though it could without"
    )  # fmt: skip
    machine.add_argument("--memory", type=size, default=0, metavar="SIZE", help="e.g. 2GiB")
    machine.add_argument("--cpus", type=int, default=0, metavar="N")
    add_hardware(machine)
    machine.add_argument("--graphics", action="store_true", help="open a window with its screen")
    machine.add_argument("--persist", action="store_true", help="keep what it writes, in the image")
    machine.add_argument(
        "--port", action="append", default=[], metavar="HOST:GUEST",
        help="let 127.0.0.1:HOST lead to its port GUEST (repeatable)",
    )  # fmt: skip
    parser.add_argument("--ssh", action="store_true", help="wait, log in over ssh, stop after it")
    parser.add_argument("--login", default="root", metavar="USER", help="for --ssh (default: root)")
    who = parser.add_argument_group(
        "identity", "Handed over at launch as system credentials; the image is not changed."
    )
    who.add_argument("--ssh-key", type=Path, metavar="FILE", help="may log in as root")
    who.add_argument("--password", default="", help="of root; needs an image that takes it")
    who.add_argument("--hostname", default="", metavar="NAME")
    who.add_argument(
        "--credential", action="append", default=[], metavar="NAME=VALUE",
        help="any other; see systemd.system-credentials(7) (repeatable)",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Start; return 0, or with --ssh the status of ssh."""
    wishes = Wishes(
        uefi=options.uefi,
        memory=options.memory,
        cpus=options.cpus,
        graphics=options.graphics,
        persist=options.persist,
        ports=tuple(options.port),
        ssh=options.ssh,
        user=options.login,
        ssh_key=options.ssh_key,
        password=options.password,
        hostname=options.hostname,
        credentials=tuple(options.credential),
        disk_bus=options.disk_bus,
        network_card=options.network_card,
        discs=tuple(options.cdrom),
    )
    image = at_hand(options.image, options.store)
    return run_here(image, wishes, say=lambda text: print(text, file=sys.stderr))


def add_hardware(machine: argparse._ActionsContainer) -> None:
    """What the virtual machine is made of, where that is not left to the appliance."""
    machine.add_argument(
        "--disk-bus", choices=DISK_BUSES, default="",
        help="what its disks hang on (default: as the appliance says, else virtio)",
    )  # fmt: skip
    machine.add_argument(
        "--network-card", choices=NETWORK_CARDS, default="",
        help="what its network cards are (default: as the appliance says, else virtio)",
    )  # fmt: skip
    machine.add_argument(
        "--cdrom", type=Path, action="append", default=[], metavar="FILE.iso",
        help="put that into a CD drive (repeatable)",
    )  # fmt: skip
