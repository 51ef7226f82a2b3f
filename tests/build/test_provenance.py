"""What a build says of what it made: SBOMs, and a signed statement that others believe, too."""

import base64
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
from tests.boot.conftest import appliance

from building import Yard
from statements import key

SHEET = """\
[product]
name = "Web"
vendor = "Example Ltd"
[variables]
TOKEN = { secret = true }
PLACE = { default = "here" }
"""
SECRETS = ("s3cret-token", "r00t-password")
COSIGN = """\
repo --name=debian-trixie
part / --fstype=ext4 --size=1500
bootloader --location=none
%packages --nocore --excludedocs --exclude-weakdeps
cosign
%end
%post --erroronfail
cd /srv/bundle
check() {{
    cosign verify-blob-attestation --key /srv/{key} --insecure-ignore-tlog \\
        --type slsaprovenance1 --signature {statement} "$1"
}}
for file in {files}; do check $file; done
if check /etc/os-release; then exit 1; fi
%end
"""


def stated(yard: Yard) -> dict[str, Any]:
    says = json.loads((yard.output / "tiny/tiny.provenance.json").read_text())
    statement: dict[str, Any] = json.loads(base64.b64decode(says["payload"]))
    return statement


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def built(yard: Yard, private: Path, *words: str | Path) -> Path:
    """The bundle of a recipe with an include, a sheet, and files of its own."""
    (yard.place / "part.ks").write_text("timezone UTC\n")
    (yard.place / "motd").write_text("hello\n")
    recipe = yard.recipe("hello", more="%include part.ks\n")
    recipe.with_suffix(".toml").write_text(SHEET)
    yard.build(
        recipe, "-f", "raw", "--statement-key", private, "--copy", f"{yard.place}/motd:/etc/motd",
        "--var", f"TOKEN={SECRETS[0]}", "--root-password", SECRETS[1], *words,
    )  # fmt: skip
    return yard.output / "tiny"


def test_a_bundle_says_what_it_is_made_of_and_no_secret(yard: Yard) -> None:
    private, public = key(yard.place)
    bundle = built(yard, private, "--sbom", "cyclonedx,spdx")
    text = (bundle / "tiny.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert not validate_full_spdx_document(parse_file(str(bundle / "tiny.spdx.json")))
    says = stated(yard)
    there = {path.name for path in bundle.iterdir()}
    subjects = {item["name"]: item["digest"]["sha256"] for item in says["subject"]}

    assert set(subjects) == there - {"build.log", "SHA256SUMS", "tiny.provenance.json"}
    assert subjects == {name: digest(bundle / name) for name in subjects}
    made = says["predicate"]["buildDefinition"]
    known = {item["name"]: item for item in made["resolvedDependencies"]}
    for name in ("tiny.ks", "part.ks", "tiny.toml", "motd"):
        assert known[name]["digest"] == {"sha256": digest(yard.place / name)}
    packages = json.loads((bundle / "tiny.packages.json").read_text())["packages"]
    for item in packages:
        assert known[item["name"]]["digest"] == {"sha256": item["sha256"]}
        assert known[item["name"]]["uri"].startswith(f"pkg:deb/debian/{item['name']}@")
    said = made["externalParameters"]
    assert said["secrets"] == ["root password", "TOKEN"]
    assert said["variables"] == {"PLACE": "here"}
    for secret in SECRETS:
        assert secret not in json.dumps(says) + text
    assert yard.run("verify", bundle, "--key", public).status == 0


def test_the_same_build_says_the_same_bytes(yard: Yard) -> None:
    private, _ = key(yard.place)
    words = ("--sbom", "spdx,cyclonedx")
    bundle = built(yard, private, *words)
    first = {path.name: path.read_bytes() for path in bundle.glob("*.json")}
    assert len(first) == 5
    shutil.rmtree(bundle)
    built(yard, private, *words)
    assert {path.name: path.read_bytes() for path in bundle.glob("*.json")} == first


def test_a_key_that_cannot_sign_ends_the_build_before_it_begins(yard: Yard) -> None:
    private, _ = key(yard.place, "rsa")
    recipe = yard.recipe()
    ended = yard.run("build", recipe, "-f", "raw", "--statement-key", private)
    assert ended.status == 2
    assert "is neither an ECDSA key on P-256 nor ed25519" in ended.err
    assert "openssl genpkey -algorithm ed25519" in ended.err
    assert not yard.output.exists()


@pytest.mark.slow
def test_cosign_believes_it(yard: Yard, tmp_path: Path) -> None:
    """Debian 13's, in a root of Debian 13, in which the bundle lies."""
    private, public = key(yard.place, "p256")
    bundle = built(yard, private)
    names = [item["name"] for item in stated(yard)["subject"]]
    recipe = tmp_path / "cosign.ks"
    recipe.write_text(
        COSIGN.format(key=public.name, statement="tiny.provenance.json", files=" ".join(names))
    )
    done = appliance(
        "build", recipe, "-f", "raw", "--copy", f"{bundle}/:/srv/bundle",
        "--copy", f"{public}:/srv/{public.name}", "--script-network", "none",
        "-o", tmp_path / "out", "--store", tmp_path / "store", "--verbose",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Verified OK" in done.stdout + done.stderr
