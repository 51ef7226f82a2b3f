"""Statements are what in-toto's and SLSA's specifications say."""

import json

import pytest

from appliance.bundle.model import Bundle, Machine
from appliance.bundle.statements import Material, Origin, Outcome, provenance, read, trial_result

WEB = Bundle(
    name="web", version="1.2", release="3", family="debian", family_release="trixie",
    clock=1_700_000_000, plan_digest="p1", machine=Machine(), firmware=("bios",), artifacts=(),
    packages=(),
)  # fmt: skip
FILES = {"web.raw": "b" * 64, "web.json": "a" * 64}


def test_a_provenance_names_builder_parameters_materials_and_files() -> None:
    made = Origin(
        {"formats": ["raw"]},
        (Material("web.ks", {"sha256": "c" * 64}), Material("a", {"sha256": "d" * 64}, "pkg:x")),
    )
    text = provenance(WEB, made, FILES)
    says = json.loads(text)

    assert says["_type"] == "https://in-toto.io/Statement/v1"
    assert says["predicateType"] == "https://slsa.dev/provenance/v1"
    assert [item["name"] for item in says["subject"]] == ["web.json", "web.raw"]
    definition = says["predicate"]["buildDefinition"]
    assert definition["externalParameters"] == {"formats": ["raw"]}
    assert definition["internalParameters"] == {"plan": "p1", "clock": "2023-11-14T22:13:20Z"}
    assert definition["resolvedDependencies"] == [
        {"name": "web.ks", "digest": {"sha256": "c" * 64}},
        {"name": "a", "digest": {"sha256": "d" * 64}, "uri": "pkg:x"},
    ]
    assert says["predicate"]["runDetails"]["builder"]["version"]["appliance-tools"]
    assert read(text.encode()).files == FILES
    assert provenance(WEB, made, dict(reversed(FILES.items()))) == text


@pytest.mark.parametrize(
    ("passed", "whole", "result"),
    [(True, True, "PASSED"), (True, False, "WARNED"), (False, False, "FAILED")],
)
def test_a_test_result_names_what_passed_and_what_failed(
    passed: bool, whole: bool, result: str
) -> None:
    tests = (Outcome("bios: login", passed=True), Outcome("uefi: login", passed=passed))
    own = (Material("smoke.sh", {"sha256": "e" * 64}),)
    says = json.loads(trial_result(FILES, tests, own, whole=whole))

    assert says["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    predicate = says["predicate"]
    assert predicate["result"] == result
    assert predicate["configuration"] == [{"name": "smoke.sh", "digest": {"sha256": "e" * 64}}]
    assert predicate["passedTests"] == ["bios: login", *(["uefi: login"] if passed else [])]
    assert predicate["failedTests"] == ([] if passed else ["uefi: login"])
