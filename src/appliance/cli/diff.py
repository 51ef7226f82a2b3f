"""`appliance diff`: say what differs between two appliances, in words and bit by bit."""

import argparse
import json
from dataclasses import asdict
from functools import partial

from appliance.backends import advisories
from appliance.cli.difference_text import lines
from appliance.cli.given import given, opened
from appliance.cli.help import Example
from appliance.cli.options import kinds, paths, telling
from appliance.cli.options.option import Option, add
from appliance.cli.options.reading_images import KERNEL_ROOT, PASSPHRASE, means
from appliance.cli.printable import lines as printable_lines
from appliance.difference.disks import differences
from appliance.inspection.comparison.compare import SECTIONS, Asked, compared
from appliance.inspection.comparison.model import as_json
from appliance.inspection.comparison.release_note import release_note
from appliance.inspection.pages import of_difference
from appliance.inspection.pages.page import write

LEFT = Option(
    ("left",), "disk image, or bundle, that is compared", paths.ANY, metavar="A",
    example="monday/web-sda.qcow2",
)  # fmt: skip
RIGHT = Option(
    ("right",), "disk image, or bundle, to compare it with", paths.ANY, metavar="B",
    example="tuesday/web-sda.qcow2",
)  # fmt: skip
SECTION = Option(
    ("--section",), f"compare this alone: {', '.join(SECTIONS)}", kinds.one_of(*SECTIONS),
    usual="all", example="packages", repeat=True, metavar="NAME",
)  # fmt: skip
HTML = Option(
    ("--html",), "write it as a web page, which needs no other file and no network",
    paths.NEW_FILE, usual="it is printed only", example="news.html",
)  # fmt: skip
CHANGELOG = Option(
    ("--changelog",), "print a release note of B in Markdown, from the changelogs of its packages"
)
DATA = Option(
    ("--data",), "tell which vulnerabilities were mended, of those in this file: "
    f"{', '.join(advisories.KNOWN)}",
    paths.FILE, usual="none", example="tracker.json", repeat=True,
)  # fmt: skip
EXIT_CODE = Option(
    ("--exit-code",), "end with 1 if something differs, with --html and --changelog, too"
)
EXAMPLES = (
    Example("what is new, and whether two builds have the same bits",
            "appliance diff monday/web tuesday/web"),
    Example("packages alone, which is quick", "appliance diff old.ova new.ova --section packages"),
    Example("a release note", "appliance diff old.ova new.ova --changelog --data tracker.json"),
    Example("to look at, with a picture of what grew",
            "appliance diff monday/web tuesday/web --html news.html"),
    Example(
        "also in what is encrypted", "appliance diff old.qcow2 new.qcow2 --passphrase file:secret"
    ),
)  # fmt: skip


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "diff",
        help="say what differs between two appliances",
        description="Compare two disk images (raw, raw.xz, qcow2, …) or two bundles (directories, "
        "or in one file): say which packages were added or removed, are newer or older, what grew "
        "and why, which settings and files differ; then name the files, inodes or sectors. Exit "
        "code 0: nothing does; 1: something does; with --html or --changelog 0 if that is written.",
        examples=EXAMPLES,
    )
    add(parser, LEFT, RIGHT, SECTION, CHANGELOG, DATA, HTML, telling.json("the differences"))
    add(parser, EXIT_CODE, telling.STORE, KERNEL_ROOT, PASSPHRASE)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare two appliances and print what differs; 0 if nothing does, 1 otherwise."""
    asked = Asked(
        tuple(options.section or ()), tuple(options.data or ()), options.changelog, means(options)
    )
    sides = (opened(options.left, options.store), opened(options.right, options.store))
    bits = differences(*sides, asked.means) if asked.bits else []
    found = compared(
        (options.left, options.right), partial(given, store=options.store), asked,
        same=asked.bits and not bits,
    )  # fmt: skip
    if options.html:
        rows = [(each.place, each.what, each.left, each.right) for each in bits]
        write(of_difference.report(found, rows), options.html)
    if options.json:
        said = {"differences": [asdict(each) for each in bits]} if asked.bits else {}
        print(json.dumps({**as_json(found), **said}, indent=2))
    elif options.changelog:
        print(printable_lines(release_note(found)), end="")
    elif not options.html:
        print("".join(f"{line}\n" for line in lines(found, bits)), end="")
    differs = bool(bits or found.differs)
    judged = options.exit_code or not (options.html or options.changelog)
    return 1 if differs and judged else 0
