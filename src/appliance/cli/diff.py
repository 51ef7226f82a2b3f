"""`appliance diff`: name the files, inodes or sectors that differ between two appliances."""

import argparse
import json
from dataclasses import asdict

from appliance.cli.given import opened
from appliance.cli.help import Example
from appliance.cli.options import paths, telling
from appliance.cli.options.option import Option, add
from appliance.cli.options.reading_images import KERNEL_ROOT, PASSPHRASE, means
from appliance.cli.printable import printable
from appliance.difference.disks import differences
from appliance.difference.spans import Difference

LEFT = Option(
    ("left",), "disk image, or bundle, that is compared", paths.ANY, metavar="A",
    example="monday/web-sda.qcow2",
)  # fmt: skip
RIGHT = Option(
    ("right",), "disk image, or bundle, to compare it with", paths.ANY, metavar="B",
    example="tuesday/web-sda.qcow2",
)  # fmt: skip
EXAMPLES = (
    Example("whether two builds have the same bits", "appliance diff monday/web tuesday/web"),
    Example(
        "also in what is encrypted", "appliance diff old.qcow2 new.qcow2 --passphrase file:secret"
    ),
    Example("as a program reads it", "appliance diff old.qcow2 new.qcow2 --json"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "diff",
        help="say what differs between two appliances",
        description="Compare two disk images (raw, raw.xz, qcow2, …) or two bundles (directories, "
        "or in one file), and name the files, inodes or sectors that differ. Exit code 0: nothing "
        "does; 1: something does.",
        examples=EXAMPLES,
    )
    add(
        parser, LEFT, RIGHT, telling.json("the differences"), telling.STORE, KERNEL_ROOT, PASSPHRASE
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare two appliances and print what differs; 0 if nothing does, 1 otherwise."""
    sides = [opened(path, options.store) for path in (options.left, options.right)]
    found = differences(sides[0], sides[1], means(options))
    if options.json:
        print(json.dumps([asdict(difference) for difference in found], indent=2))
    elif found:
        print("\n".join(line(difference) for difference in found))
    return 1 if found else 0


def line(difference: Difference) -> str:
    """One difference in words: where, what, and what each side says."""
    said = (
        f": {difference.left} | {difference.right}" if difference.left or difference.right else ""
    )
    return printable(f"{difference.place}: {difference.what}{said}")
