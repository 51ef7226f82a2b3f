"""`appliance audit`: say which vulnerabilities are known of what is in an appliance."""

import argparse
import json
from collections import Counter
from collections.abc import Iterator

from appliance.backends import advisories
from appliance.cli.given import given
from appliance.cli.help import Example
from appliance.cli.options import kinds, paths, telling
from appliance.cli.options.option import Option, add
from appliance.cli.options.reading_images import KERNEL_ROOT, PASSPHRASE, means
from appliance.cli.printable import printable
from appliance.host.new_files import write_file
from appliance.inspection.audit import vex
from appliance.inspection.audit.audit import Audit, audit, is_list, subject_in, subject_of
from appliance.inspection.audit.match import FIXED, MINOR, OPEN, Finding
from appliance.inspection.audit.written import advice, as_json, as_junit

FOUND = 1  # what it ends with if something can be mended
WHAT = Option(
    ("what",), "disk image, bundle (its directory, or in one file) or NAME.packages.json whose "
    "packages are looked up", paths.ANY, metavar="IMAGE|DIR", example="out/web",
)  # fmt: skip
DATA = Option(
    ("--data",), f"what is known, as its publisher has it: {', '.join(advisories.KNOWN)}",
    paths.FILE, usual="none: one has to be named", example="tracker.json", repeat=True,
    required=True,
)  # fmt: skip
RELEASE = Option(
    ("--release",), "code name of the release whose updates the appliance gets", kinds.name(),
    usual="that of the system in it", example="trixie", metavar="NAME",
)  # fmt: skip
ALL = Option(("--all",), "tell, too, what nobody has mended yet, and let it count")
VEX = Option(
    ("--vex",), "judgements of what is known (CycloneDX): what they settle is not told",
    paths.FILE, usual="none", example="judged.cdx.json", repeat=True,
)  # fmt: skip
WRITE_VEX = Option(
    ("--write-vex",), "write what was found as a CycloneDX text for somebody to judge",
    paths.NEW_FILE, usual="none", example="judged.cdx.json",
)  # fmt: skip
JUNIT = Option(
    ("--junit",), "write it as JUnit XML, for CI services", paths.NEW_FILE,
    usual="it is printed only", example="audit.xml",
)  # fmt: skip
EXAMPLES = (
    Example("what an update would mend", "appliance audit out/web --data tracker.json"),
    Example(
        "everything that is known, but what was judged",
        "appliance audit out/web --data tracker.json --all --vex judged.cdx.json",
    ),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "audit",
        help="say which vulnerabilities are known of an appliance",
        description="Look up the packages of an appliance, by their source packages, in files "
        "that you name: nothing is fetched. What its release has mended, and the appliance does "
        "not have yet, is told first. Exit code 0: nothing of this; 1: something.",
        examples=EXAMPLES,
    )
    add(parser, WHAT, DATA, RELEASE, ALL, VEX, WRITE_VEX, JUNIT)
    add(parser, telling.json("all that is known"), telling.STORE, KERNEL_ROOT, PASSPHRASE)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Audit, and print what was found; 1 if something of it matters."""
    judgements = [each for path in options.vex or () for each in vex.read(path)]
    subject = (
        subject_in(options.what)
        if is_list(options.what)
        else subject_of(given(options.what, options.store), means=means(options))
    )
    found = audit(subject, options.data, options.release or "", judgements)
    matters = found.matters(all_of_it=options.all)
    if options.write_vex:
        write_file(options.write_vex, vex.text(matters, found.system, subject.manager).encode())
    if options.junit:
        write_file(options.junit, as_junit(found, all_of_it=options.all))
    print(
        json.dumps(as_json(found), indent=2)
        if options.json
        else "\n".join(printable(line) for line in lines(found, matters))
    )
    return FOUND if matters else 0


def lines(found: Audit, matters: tuple[Finding, ...]) -> Iterator[str]:
    """What was found, for people: a line for each, and how much of it there is."""
    for finding in matters:
        advisory = finding.advisory
        severity = f" [{advisory.severity}]" if advisory.severity else ""
        yield f"{advisory.name}{severity} {advisory.package} {finding.version}: {advice(finding)}"
        if {*finding.packages} != {advisory.package}:
            yield f"    {', '.join(finding.packages)}"
    for finding, judgement in found.settled:
        yield f"{finding.advisory.name} {finding.advisory.package}: {judgement.state}" + (
            f", {judgement.reason}" if judgement.reason else ""
        )
    counts = Counter(finding.state for finding in found.findings)
    left = counts[OPEN] + counts[MINOR]
    told = f"{found.name}: {found.packages} packages; {counts[FIXED]} can be mended by an update"
    told += f"; {left} that nobody has mended" if left else ""
    told += " (--all tells them)" if left and len(matters) == counts[FIXED] else ""
    yield told + (f"; {len(found.settled)} settled" if found.settled else "")
