"""What an audit found, for programs: JSON, and JUnit XML for the pages of CI services."""

from dataclasses import asdict
from typing import Any

from lxml import etree

from appliance.backends.xml_texts import shown
from appliance.inspection.audit.audit import Audit
from appliance.inspection.audit.match import FIXED, Finding


def as_json(found: Audit) -> dict[str, Any]:
    """*found* as plain data, for json.dumps()."""
    said = asdict(found)
    said["settled"] = [
        {**asdict(finding), "judgement": asdict(judgement)} for finding, judgement in found.settled
    ]
    return said


def as_junit(found: Audit, *, all_of_it: bool) -> bytes:
    """*found* as JUnit XML: what matters is a failed case, what is settled a skipped one."""
    matters = found.matters(all_of_it=all_of_it)
    count = len(matters) + len(found.settled)
    suite = etree.Element(
        "testsuite", name=shown(f"audit of {found.name}"), tests=str(max(count, 1)),
        failures=str(len(matters)), skipped=str(len(found.settled)),
    )  # fmt: skip
    for finding in matters:
        failure = etree.SubElement(_case(suite, finding), "failure", message=shown(advice(finding)))
        failure.text = shown(f"{finding.advisory.about}\n{finding.advisory.address}".strip())
    for finding, judgement in found.settled:
        said = f"{judgement.state}: {judgement.reason} ({judgement.file})"
        etree.SubElement(_case(suite, finding), "skipped", message=shown(said))
    if not count:
        etree.SubElement(suite, "testcase", classname=shown(found.name), name="nothing is known")
    return bytes(etree.tostring(suite, xml_declaration=True, encoding="utf-8", pretty_print=True))


def advice(finding: Finding) -> str:
    """What can be done about *finding*, in a few words."""
    advisory = finding.advisory
    if finding.state == FIXED:
        return f"update to {advisory.fixed}" if advisory.fixed else "update"
    return advisory.minor or "nobody has mended it yet"


def _case(suite: "etree._Element", finding: Finding) -> "etree._Element":
    return etree.SubElement(
        suite, "testcase", classname=shown(finding.advisory.package),
        name=shown(f"{finding.advisory.name} {finding.version}"),
    )  # fmt: skip
