"""What was found in an image, as programs read it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from appliance.backends.image_rules import Finding, Rule, Sifted
from appliance.backends.xml_texts import shown
from appliance.codec import encode

SCHEMA = 1


@dataclass(frozen=True)
class AllowedFinding:
    """A finding that somebody has allowed.

    *finding*: what was found.
    *reason*: why it is allowed.
    """

    finding: Finding
    reason: str


@dataclass(frozen=True)
class LeakReport:
    """What was found in an image.

    *image*: the image, as it was named.
    *rules*: the names of the rules that it was judged by.
    *findings*: what is in it that others should not get.
    *allowed*: what somebody has allowed of it.
    *unjudged*: what could not be looked at, and why.
    *notes*: what else is to be known.
    """

    image: str
    rules: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    allowed: tuple[AllowedFinding, ...] = ()
    unjudged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def report(
    image: str, rules: Iterable[Rule], sifted: Sifted, unjudged: tuple[str, ...]
) -> LeakReport:
    """Put together what was found in *image*."""
    return LeakReport(
        image,
        tuple(rule.name for rule in rules),
        sifted.found,
        tuple(AllowedFinding(finding, by.reason) for finding, by in sifted.allowed),
        unjudged,
    )


def plain(told: LeakReport) -> dict[str, Any]:
    """The report as plain data; a name that is no UTF-8 has its bytes as \\udcXX."""
    return {"schema": SCHEMA, **encode(told)}


def to_json(told: LeakReport) -> str:
    """The report as one JSON document."""
    return json.dumps(plain(told), indent=2)


def to_junit(told: LeakReport) -> bytes:
    """The report as JUnit XML, for the pages of CI services: a test case per rule, which fails with
    its findings. What no XML may hold is a question mark in it."""
    broken = {finding.rule for finding in told.findings}
    name = shown(told.image)
    root = etree.Element("testsuites", name=name)
    suite = etree.SubElement(
        root, "testsuite", name=name, tests=str(len(told.rules)), failures=str(len(broken))
    )
    for rule in told.rules:
        case = etree.SubElement(suite, "testcase", classname=name, name=rule)
        found = [finding for finding in told.findings if finding.rule == rule]
        if found:
            failure = etree.SubElement(
                case, "failure", type=found[0].severity, message=shown(found[0].sentence)
            )
            failure.text = shown("\n".join(map(str, found)))
        for each in told.allowed:
            if each.finding.rule == rule:
                said = etree.SubElement(case, "system-out")
                said.text = shown(f"allowed: {each.finding}: {each.reason}")
    if told.unjudged:
        etree.SubElement(suite, "system-err").text = shown("\n".join(told.unjudged))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))
