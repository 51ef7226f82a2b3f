"""What was proven about an appliance: values, and the two forms in which programs read them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from appliance.backends.xml_texts import shown
from appliance.bundle.statements import Material, Outcome, trial_result
from appliance.codec import encode

PASSED = "passed"
PROMPT_ONLY = "prompt only"  # it boots to a login prompt; nobody could look inside
FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. *evidence* is what was seen, in the machine's own words."""

    name: str
    seconds: float
    passed: bool
    evidence: str

    @property
    def headline(self) -> str:
        """The first line of the evidence; empty if there is none."""
        return self.evidence.strip().partition("\n")[0]


@dataclass(frozen=True)
class BootReport:
    """One start of one appliance under one firmware.

    *bundle_sha256*: the SHA-256 of the file that was named: the disk image, or the bundle's
        description, which states the checksums of its disks.
    *firmware*: bios or uefi.
    *checks*: everything that was looked at, in order.
    *console_path*: the log of the machine's console.
    *verdict*: what all checks together say.
    """

    bundle_sha256: str
    firmware: str
    checks: tuple[Check, ...]
    console_path: str
    verdict: str

    @property
    def seconds(self) -> float:
        """How long all checks took together."""
        return sum(check.seconds for check in self.checks)


def to_json(reports: tuple[BootReport, ...]) -> str:
    """All reports as one JSON document."""
    return json.dumps({"reports": [encode(report) for report in reports]}, indent=2) + "\n"


def to_statement(
    files: Mapping[str, str], own: Mapping[str, str], reports: tuple[BootReport, ...]
) -> str:
    """All reports as a statement, not signed yet, about *files*, their SHA-256 by name; *own* are
    the author's checks, what they ran by their names."""
    return trial_result(
        files,
        [
            Outcome(f"{made.firmware}: {check.name}", check.passed)
            for made in reports
            for check in made.checks
        ],
        [
            Material(name, {"sha256": hashlib.sha256(command.encode()).hexdigest()})
            for name, command in own.items()
        ],
        whole=all(made.verdict == PASSED for made in reports),
    )


def to_junit(name: str, reports: tuple[BootReport, ...]) -> bytes:
    """All reports as JUnit XML, a test suite per firmware, for the pages of CI services. What no
    XML may hold is a question mark in it."""
    name = shown(name)
    root = etree.Element("testsuites", name=name)
    for report in reports:
        failures = sum(not check.passed for check in report.checks)
        suite = etree.SubElement(
            root,
            "testsuite",
            name=f"{name}.{report.firmware}",
            tests=str(len(report.checks)),
            failures=str(failures),
            time=f"{report.seconds:.3f}",
        )
        for check in report.checks:
            _case(suite, f"{name}.{report.firmware}", check)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))


def _case(suite: etree._Element, group: str, check: Check) -> None:
    name, evidence = (shown(text) for text in (check.name, check.evidence))
    case = etree.SubElement(
        suite, "testcase", classname=group, name=name, time=f"{check.seconds:.3f}"
    )
    if check.passed:
        etree.SubElement(case, "system-out").text = evidence
    else:
        message = shown(check.headline)
        etree.SubElement(case, "failure", message=message).text = evidence
