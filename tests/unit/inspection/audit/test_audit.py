"""An audit says what can be mended, honours judgements, and is read by programs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from lxml import etree

from appliance.bundle.manifest import packages_text
from appliance.bundle.model import Bundle, Machine, Package
from appliance.cli import main
from appliance.errors import RequestError
from appliance.inspection.audit import vex
from appliance.inspection.audit.audit import Audit, Subject, audit, subject_in
from appliance.inspection.audit.match import FIXED, MINOR, OPEN
from appliance.inspection.audit.written import as_json, as_junit
from appliance.inspection.content_facts import InstalledPackage

TRACKER = {
    "curl": {
        "CVE-1": {
            "description": "reads \x1b[31m",
            "releases": {
                "trixie": {"status": "resolved", "fixed_version": "8.15-1", "urgency": "high"}
            },
        },
        "CVE-2": {"releases": {"trixie": {"status": "open"}}},
        "CVE-3": {"releases": {"trixie": {"status": "open", "nodsa": "Minor issue"}}},
    }
}
PACKAGES = (
    InstalledPackage("curl", "8.14-2", "amd64", "deb", source="curl", source_version="8.14-2"),
    InstalledPackage("libcurl4", "8.14-2", "amd64", "deb", source="curl", source_version="8.14-2"),
)
SUBJECT = Subject("web", "debian", "trixie", PACKAGES)


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    path = tmp_path / "tracker.json"
    path.write_text(json.dumps(TRACKER))
    return path


@pytest.fixture
def package_list(tmp_path: Path) -> Path:
    rows = tuple(
        Package(
            each.name, each.version, "amd64", "", 0, "debian",
            source=each.source, source_version=each.source_version,
        )
        for each in PACKAGES
    )  # fmt: skip
    path = tmp_path / "web.packages.json"
    path.write_text(packages_text(Bundle(
        name="web", version="1", release="1", family="debian", family_release="trixie", clock=1,
        plan_digest="p1", machine=Machine(), firmware=("bios",), artifacts=(), packages=rows,
    )))  # fmt: skip
    return path


def judgement(found: Audit, state: str, tmp_path: Path) -> Path:
    path = tmp_path / "judged.cdx.json"
    said = json.loads(vex.text(found.findings, "debian", "deb"))
    for each in said["vulnerabilities"]:
        each["analysis"] = {"state": state, "detail": "we do not call it"}
    path.write_text(json.dumps(said))
    return path


def test_what_can_be_mended_comes_first(tracker: Path) -> None:
    found = audit(SUBJECT, [tracker])
    assert [(each.advisory.name, each.state) for each in found.findings] == [
        ("CVE-1", FIXED), ("CVE-2", OPEN), ("CVE-3", MINOR),
    ]  # fmt: skip
    assert [each.advisory.name for each in found.matters(all_of_it=False)] == ["CVE-1"]
    assert len(found.matters(all_of_it=True)) == 3


def test_another_release_is_not_known(tracker: Path) -> None:
    with pytest.raises(RequestError, match="says nothing of the release 'bookworm'"):
        audit(SUBJECT, [tracker], "bookworm")


def test_what_is_written_to_be_judged_is_valid_and_the_same_again(tracker: Path) -> None:
    findings = audit(SUBJECT, [tracker]).findings
    text = vex.text(findings, "debian", "deb")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert text == vex.text(findings, "debian", "deb")
    said = {each["id"]: each for each in json.loads(text)["vulnerabilities"]}
    assert said["CVE-1"]["recommendation"] == "update to 8.15-1"
    assert said["CVE-1"]["affects"] == [{"ref": "pkg:deb/debian/curl@8.14-2?arch=source"}]
    assert said["CVE-2"]["analysis"] == {"state": "in_triage"}


@pytest.mark.parametrize(
    ("state", "settled"), [("not_affected", 3), ("false_positive", 3), ("exploitable", 0)]
)
def test_judgements_are_honoured(state: str, settled: int, tracker: Path, tmp_path: Path) -> None:
    judged = vex.read(judgement(audit(SUBJECT, [tracker]), state, tmp_path))
    found = audit(SUBJECT, [tracker], vex=judged)
    assert (len(found.settled), len(found.findings)) == (settled, 3 - settled)


def test_a_judgement_is_of_a_version(tracker: Path, tmp_path: Path) -> None:
    judged = vex.read(judgement(audit(SUBJECT, [tracker]), "not_affected", tmp_path))
    newer = tuple(replace(each, source_version="8.14-3") for each in PACKAGES)
    found = audit(replace(SUBJECT, packages=newer), [tracker], vex=judged)
    assert len(found.findings) == 3


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"bomFormat": "CycloneDX", "components": 3}'])
def test_what_is_no_judgement_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "vex").write_text(text)
    with pytest.raises(RequestError, match="holds no judgements"):
        vex.read(tmp_path / "vex")


def test_programs_read_it(tracker: Path, tmp_path: Path) -> None:
    judged = vex.read(judgement(audit(SUBJECT, [tracker]), "not_affected", tmp_path))
    said = as_json(audit(SUBJECT, [tracker], vex=judged))
    assert said["settled"][0]["judgement"]["reason"] == "we do not call it"
    found = audit(SUBJECT, [tracker])
    suite = etree.fromstring(as_junit(found, all_of_it=False))
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    case = suite.find("testcase")
    assert case is not None
    assert (case.get("classname"), case.get("name")) == ("curl", "CVE-1 8.14-2")


def test_a_package_list_is_enough(package_list: Path) -> None:
    assert subject_in(package_list) == SUBJECT


def test_the_command(
    package_list: Path, tracker: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vexed = tmp_path / "to-judge.cdx.json"
    words = ["audit", str(package_list), "--data", str(tracker)]
    assert main([*words, "--write-vex", str(vexed), "--junit", str(tmp_path / "a.xml")]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "CVE-1 [high] curl 8.14-2: update to 8.15-1",
        "    curl, libcurl4",
        "web: 2 packages; 1 can be mended by an update; "
        "2 that nobody has mended (--all tells them)",
    ]
    assert b"CVE-1" in (tmp_path / "a.xml").read_bytes()
    vexed.write_text(vexed.read_text().replace("in_triage", "not_affected"))
    assert main([*words, "--vex", str(vexed)]) == 0
    assert "1 settled" in capsys.readouterr().out
    assert main([*words, "--all", "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["findings"]) == 3


def test_a_list_without_source_packages_is_not_taken_for_a_clean_one(package_list: Path) -> None:
    said = json.loads(package_list.read_text())
    said["packages"][0]["source"] = ""
    package_list.write_text(json.dumps(said))
    with pytest.raises(RequestError, match="names no source packages that can be looked up"):
        subject_in(package_list)
    package_list.write_text(json.dumps({**said, "packages": []}))
    with pytest.raises(RequestError, match="names no packages that can be looked up"):
        subject_in(package_list)


def test_a_judgement_of_what_has_no_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "judged.cdx.json"
    path.write_text('{"bomFormat": "CycloneDX", "vulnerabilities": [{"id": ["CVE-1"]}]}')
    with pytest.raises(RequestError, match="holds no judgements"):
        vex.read(path)
