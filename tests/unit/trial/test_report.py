"""What was proven, as the two files that programs read."""

import json
from dataclasses import replace

import pytest
from lxml import etree

from appliance.codec import decode
from appliance.trial.report import FAILED, PASSED, BootReport, Check, to_json, to_junit

GOOD = Check("login", 2.0, passed=True, evidence="x")
BAD = Check("network", 1.5, passed=False, evidence="no default route\n\x1b[1m<&")
REPORT = BootReport("ab", "bios", (GOOD, BAD), "c", FAILED)


def test_json_is_read_back() -> None:
    second = BootReport("ab", "uefi", (), "d", PASSED)

    said = json.loads(to_json((REPORT, second)))

    assert [decode(BootReport, each) for each in said["reports"]] == [REPORT, second]


def test_a_suite_counts_its_checks() -> None:
    (suite,) = etree.fromstring(to_junit("web", (REPORT,)))

    assert suite.attrib == {
        "name": "web.bios",
        "tests": "2",
        "failures": "1",
        "time": "3.500",
    }


def test_a_check_that_failed_says_its_first_line_and_all_of_it() -> None:
    (suite,) = etree.fromstring(to_junit("web", (REPORT,)))
    good, bad = suite.findall("testcase")

    assert good.findtext("system-out") == "x"
    assert good.find("failure") is None
    assert (bad.get("classname"), bad.get("name"), bad.get("time")) == (
        "web.bios",
        "network",
        "1.500",
    )
    assert bad.find("failure").get("message") == "no default route"
    assert bad.findtext("failure") == "no default route\n?[1m<&"


def test_each_start_is_a_suite() -> None:
    root = etree.fromstring(to_junit("web", (REPORT, replace(REPORT, firmware="uefi"))))

    assert root.get("name") == "web"
    assert [suite.get("name") for suite in root] == ["web.bios", "web.uefi"]


@pytest.mark.parametrize("code", [*range(32), 0x7F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x1F600])
def test_whatever_a_machine_says_becomes_xml(code: int) -> None:
    said = f"a{chr(code)}b"
    report = replace(REPORT, checks=(replace(BAD, evidence=said), replace(GOOD, evidence=said)))

    (suite,) = etree.fromstring(to_junit("web", (report,)))

    assert suite.findtext("testcase/failure").startswith("a")
    assert suite.findtext("testcase/failure").endswith("b")


def test_a_script_and_an_image_may_be_called_anything_that_a_file_is() -> None:
    report = replace(REPORT, checks=(replace(GOOD, name="disk\udcff.sh"),))

    (suite,) = etree.fromstring(to_junit("web\udcff", (report,)))

    assert (suite.get("name"), suite[0].get("name")) == ("web?.bios", "disk?.sh")


def test_no_evidence_is_no_trouble() -> None:
    report = replace(REPORT, checks=(replace(BAD, evidence=""),))

    (suite,) = etree.fromstring(to_junit("web", (report,)))

    assert suite.find("testcase/failure").get("message") == ""
