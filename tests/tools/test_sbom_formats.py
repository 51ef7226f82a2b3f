"""What SBOMs say: judged by the libraries of their formats, and by what scanners read in them."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from ntia_conformance_checker import SbomChecker
from packageurl import PackageURL
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from appliance.backends import sbom_formats
from appliance.backends.sbom_formats.model import purl, release_of
from appliance.bundle.model import Artifact, Bundle, Machine, Package, PackageRepository, Product
from appliance.errors import HostError, RequestError

APT = Package(
    "apt", "2.9+b1", "amd64", "a" * 64, 9, "debian", "apt-src", "1:2.9", "GPL-2.0-or-later",
    "Debian", 12, "asked", ("libc6",),
)  # fmt: skip
LIBC = Package(
    "libc6", "2.41-12", "amd64", "b" * 64, 9, "debian", "glibc", "2.41-12",
    "LGPL-2.1-or-later AND LicenseRef-public-domain", "Debian", 12, "needed",
)  # fmt: skip
PLAIN = Package("plain", "1", "all", "c" * 64, 9, "own", origin="Somebody")
DEBIAN = Bundle(
    name="web", version="1.2", release="3", family="debian", family_release="trixie",
    clock=1_700_000_000, plan_digest="d" * 64, machine=Machine(), firmware=("bios",),
    artifacts=(Artifact("sda", "web-sda.qcow2", "qcow2", 1 << 30, "e" * 64, 1 << 20),),
    packages=(APT, LIBC, PLAIN), product=Product("Web", vendor="Example Ltd"),
    repositories=(PackageRepository("debian", "trixie", ("main",), 1, "Debian"),),
)  # fmt: skip
BASH = Package(
    "bash", "1:5.2-1.fc44", "x86_64", "f" * 64, 9, "fedora", "bash", "1:5.2-1.fc44", "GPLv3+",
    "Fedora Project", 12, "setting",
)  # fmt: skip
FEDORA = replace(
    DEBIAN, family="fedora", family_release="44", packages=(BASH,),
    repositories=(PackageRepository("fedora"),),
)  # fmt: skip
BUNDLES = pytest.mark.parametrize("bundle", [DEBIAN, FEDORA], ids=["deb", "rpm"])


def cyclonedx(bundle: Bundle) -> dict[str, Any]:
    text = sbom_formats.find("cyclonedx").text(bundle)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    says: dict[str, Any] = json.loads(text)
    return says


def spdx(bundle: Bundle) -> dict[str, Any]:
    says: dict[str, Any] = json.loads(sbom_formats.find("spdx").text(bundle))
    document = JsonLikeDictParser().parse(json.loads(json.dumps(says)))
    assert validate_full_spdx_document(document) == []
    return says


@BUNDLES
@pytest.mark.parametrize("name", sbom_formats.KNOWN)
def test_the_same_bundle_gives_the_same_bytes_and_another_plan_another_number(
    bundle: Bundle, name: str
) -> None:
    each = sbom_formats.find(name)
    first = each.text(bundle)
    assert each.text(bundle) == first
    assert "2023-11-14T22:13:20" in first
    other = each.text(replace(bundle, plan_digest="0" * 64))
    keys = {"cyclonedx": "serialNumber", "spdx": "documentNamespace"}
    assert json.loads(first)[keys[name]] != json.loads(other)[keys[name]]


@BUNDLES
def test_a_cyclonedx_file_has_what_scanners_need(bundle: Bundle) -> None:
    says = cyclonedx(bundle)
    packages = [item for item in says["components"] if item["bom-ref"] != "operating-system"]
    (system,) = (item for item in says["components"] if item not in packages)
    assert says["specVersion"] == "1.6"
    assert (system["type"], system["name"]) == ("operating-system", bundle.family)
    assert system["version"] == {"debian": "13", "fedora": "44"}[bundle.family]
    assert says["metadata"]["component"]["externalReferences"][0]["hashes"][0]["content"] == (
        "e" * 64
    )
    refs = {item["ref"]: item.get("dependsOn", []) for item in says["dependencies"]}
    assert refs["appliance"] == ["operating-system"]
    assert sorted(refs["operating-system"]) == sorted(item["bom-ref"] for item in packages)
    known = {item["bom-ref"] for item in says["components"]} | {"appliance"}
    assert set(refs) <= known
    assert {each for needed in refs.values() for each in needed} <= known
    for item in (says["metadata"]["component"], system, *packages):
        assert item["version"] and item["supplier"]["name"]
    for item in packages:
        assert item["type"] == "library" and item["hashes"][0]["alg"] == "SHA-256"


def components(bundle: Bundle) -> dict[str, Any]:
    return {item["name"]: item for item in cyclonedx(bundle)["components"]}


def properties(component: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in component["properties"]}


def test_trivy_is_told_the_source_package() -> None:
    said = properties(components(DEBIAN)["apt"])
    assert said["aquasecurity:trivy:SrcName"] == "apt-src"
    assert said["aquasecurity:trivy:SrcVersion"] == "1:2.9"
    assert said["appliance-tools:reason"] == "asked"

    said = properties(components(FEDORA)["bash"])
    assert [said[f"aquasecurity:trivy:Src{word}"] for word in ("Version", "Release", "Epoch")] == [
        "5.2", "1.fc44", "1",
    ]  # fmt: skip
    assert {item["name"]: item["sourceInfo"] for item in spdx(DEBIAN)["packages"][2:4]} == {
        "apt": "built package from: apt-src 1:2.9", "libc6": "built package from: glibc 2.41-12",
    }  # fmt: skip


def test_licences_are_expressions_where_they_can_be() -> None:
    said = components(DEBIAN)
    assert said["apt"]["licenses"] == [{"expression": "GPL-2.0-or-later"}]
    assert said["libc6"]["licenses"] == [{"expression": LIBC.licence}]
    assert "licenses" not in said["plain"]
    assert components(FEDORA)["bash"]["licenses"] == [{"license": {"name": "GPLv3+"}}]

    says = spdx(DEBIAN)
    assert [item.get("licenseDeclared") for item in says["packages"][2:]] == [
        "GPL-2.0-or-later", LIBC.licence, "NOASSERTION",
    ]  # fmt: skip
    assert [item["licenseId"] for item in says["hasExtractedLicensingInfos"]] == [
        "LicenseRef-public-domain"
    ]
    (own,) = spdx(FEDORA)["hasExtractedLicensingInfos"]
    assert (own["licenseId"], own["extractedText"]) == ("LicenseRef-GPLv3", "GPLv3+")


@BUNDLES
def test_an_spdx_file_has_what_scanners_need(bundle: Bundle) -> None:
    says = spdx(bundle)
    root, system, *packages = says["packages"]
    assert system["SPDXID"].startswith("SPDXRef-OperatingSystem")
    assert system["primaryPackagePurpose"] == "OPERATING_SYSTEM"
    assert root["checksums"][0]["checksumValue"] == "e" * 64
    related = {
        (item["spdxElementId"], item["relationshipType"], item["relatedSpdxElement"])
        for item in says["relationships"]
    }
    assert {(system["SPDXID"], "CONTAINS", item["SPDXID"]) for item in packages} <= related
    if bundle is DEBIAN:
        needs = (packages[0]["SPDXID"], "DEPENDS_ON", packages[1]["SPDXID"])
        assert needs in related


@BUNDLES
def test_the_least_that_an_sbom_must_say_is_there(tmp_path: Path, bundle: Bundle) -> None:
    file = tmp_path / "web.spdx.json"
    bare = replace(bundle, packages=tuple(item for item in bundle.packages if item.origin))
    file.write_text(sbom_formats.find("spdx").text(bare))
    assert SbomChecker(str(file), compliance="ntia").compliant


@BUNDLES
def test_addresses_of_packages_are_read_back(bundle: Bundle) -> None:
    for package in bundle.packages:
        text = purl(package, bundle)
        read = PackageURL.from_string(text)
        assert read.to_string() == text
        assert read.name == package.name
        assert read.qualifiers["arch"] == package.architecture


@pytest.mark.parametrize(
    ("package", "bundle", "address"),
    [
        (
            APT, DEBIAN,
            "pkg:deb/debian/apt@2.9%2Bb1?arch=amd64&distro=debian-13&upstream=apt-src%401:2.9",
        ),
        (LIBC, DEBIAN, "pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13&upstream=glibc"),
        (
            BASH, FEDORA,
            "pkg:rpm/fedora/bash@5.2-1.fc44?arch=x86_64&distro=fedora-44&epoch=1"
            "&upstream=bash-5.2-1.fc44.src.rpm",
        ),
    ],
)  # fmt: skip
def test_addresses_have_the_qualifiers_that_grype_reads(
    package: Package, bundle: Bundle, address: str
) -> None:
    assert purl(package, bundle) == address


def test_a_release_that_nobody_knows_is_called_what_the_bundle_calls_it() -> None:
    assert release_of(replace(DEBIAN, family_release="sid")) == "sid"
    assert release_of(replace(DEBIAN, family="other", family_release="7")) == "7"


def test_odd_texts_of_a_product_end_no_file() -> None:
    odd = replace(DEBIAN, product=Product("We\x1bb", vendor='E"x\nmple', description="ä" * 999))
    cyclonedx(odd)
    spdx(odd)


@pytest.mark.parametrize(
    ("name", "module", "package"),
    [
        ("cyclonedx", "cyclonedx", "cyclonedx-python-lib"),
        ("spdx", "spdx_tools", "spdx-tools"),
        ("spdx", "packageurl", "packageurl-python"),
    ],
)
def test_a_library_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, module: str, package: str
) -> None:
    for each in [each for each in sys.modules if each.partition(".")[0] == module]:
        monkeypatch.setitem(sys.modules, each, None)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(HostError) as error:
        sbom_formats.find(name).require()
    assert error.value.hint == f"pip install '{package}'"


def test_a_format_that_nobody_knows_is_refused_with_the_nearest() -> None:
    with pytest.raises(RequestError) as error:
        sbom_formats.find("cyclondx")
    assert error.value.hint == "cyclonedx"


def test_no_command_waits_for_libraries_that_it_does_not_use() -> None:
    code = (
        "import sys, appliance.cli.build, appliance.cli.test\n"
        "late = {'cyclonedx', 'spdx_tools', 'packageurl', 'license_expression', 'cryptography',"
        " 'securesystemslib'}\n"
        "print(*sorted(late & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
