"""Whether what is signed about a bundle holds, and what is said of everything that is wrong."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from appliance.bundle.statements import PAYLOAD_TYPE
from appliance.cli import main
from appliance.errors import RequestError
from appliance.handover import statement_signing
from appliance.inspection.verify import Verdict, verify
from appliance.intake import envelopes
from appliance.intake.envelopes import public_key
from statements import key, openssl, stated

KINDS = pytest.mark.parametrize("kind", ["ed25519", "p256"])


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    return key(tmp_path)


@pytest.fixture
def bundle(tmp_path: Path, keys: tuple[Path, Path]) -> Path:
    return stated(tmp_path / "web", keys[0])


def problem(bundle: Path, public: Path) -> str:
    """What is wrong with the provenance of *bundle*; empty: nothing."""
    return verdicts(bundle, public)["web.provenance.json"].problem


def verdicts(bundle: Path, *public: Path) -> dict[str, Verdict]:
    found = verify(bundle, [public_key(each) for each in public])
    return {verdict.file: verdict for verdict in found.verdicts}


@KINDS
def test_a_bundle_holds_by_the_key_that_signed_it_alone(tmp_path: Path, kind: str) -> None:
    private, public = key(tmp_path, kind)
    _, stranger = key(tmp_path, kind, "stranger")
    bundle = stated(tmp_path / "web", private)

    provenance = verdicts(bundle, stranger, public)["web.provenance.json"]
    assert provenance == Verdict(
        "web.provenance.json", "provenance", holds=True, key=str(public), files=2
    )
    assert verdicts(bundle, public)["SHA256SUMS"].holds
    assert problem(bundle, stranger) == (f"it is not signed by {stranger}, or it was changed since")


def test_what_openssl_signed_is_believed(tmp_path: Path) -> None:
    private, public = key(tmp_path, "p256")
    bundle = stated(tmp_path / "web", private)
    statement = bundle / "web.provenance.json"
    says = json.loads(statement.read_text())
    body = base64.b64decode(says["payload"])
    pae = b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(body), body)
    (tmp_path / "pae").write_bytes(pae)
    openssl("dgst", "-sha256", "-sign", private, "-out", tmp_path / "sig", tmp_path / "pae")
    signature = base64.b64encode((tmp_path / "sig").read_bytes()).decode()
    statement.write_text(json.dumps(says | {"signatures": [{"sig": signature}]}))
    assert problem(bundle, public) == ""

    (tmp_path / "sig").write_bytes(base64.b64decode(says["signatures"][0]["sig"]))
    openssl("dgst", "-sha256", "-verify", public, "-signature", tmp_path / "sig", tmp_path / "pae")


def test_a_changed_or_missing_file_is_named(bundle: Path, keys: tuple[Path, Path]) -> None:
    disk = bundle / "web-sda.raw"
    with disk.open("r+b") as file:
        file.write(b"x")
    said = "web-sda.raw is not the file that it speaks of: its SHA-256 differs"
    found = verdicts(bundle, keys[1])
    assert found["web.provenance.json"].problem == said
    assert found["SHA256SUMS"].problem == said
    disk.unlink()
    assert problem(bundle, keys[1]) == "web-sda.raw is missing"


def test_a_file_that_leads_out_of_the_bundle_is_not_read(
    tmp_path: Path, bundle: Path, keys: tuple[Path, Path]
) -> None:
    shutil.move(bundle / "web-sda.raw", tmp_path / "elsewhere")
    (bundle / "web-sda.raw").symlink_to(tmp_path / "elsewhere")
    assert "is not a file of this bundle" in problem(bundle, keys[1])


def test_a_changed_statement_and_changed_sums_are_no_longer_believed(
    bundle: Path, keys: tuple[Path, Path]
) -> None:
    statement = bundle / "web.provenance.json"
    says = json.loads(statement.read_text())
    body = base64.b64decode(says["payload"]).replace(b'"predicate":{}', b'"predicate":{"a":1}')
    statement.write_text(json.dumps(says | {"payload": base64.b64encode(body).decode()}))
    found = verdicts(bundle, keys[1])
    assert "it was changed since" in found["web.provenance.json"].problem
    assert not found["SHA256SUMS"].holds


def envelope(**changes: Any) -> str:
    usual = {
        "payload": base64.b64encode(b"{}").decode(), "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": "", "sig": "AAAA"}],
    }  # fmt: skip
    return json.dumps(usual | changes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is not JSON"),
        ("\xff\xfe", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ('{"a":' * 100_000, "it is not JSON"),
        ("1" * 10_000, "it is not JSON"),
        ("[]", "it is not an object of JSON"),
        ("{}", "it is no envelope of a statement"),
        (envelope(payloadType="application/json"), "it is no envelope of a statement"),
        (envelope(payload=7), "it is no envelope of a statement"),
        (envelope(signatures=[]), "it has no signature, or more than 16"),
        (envelope(signatures=[{}] * 17), "it has no signature, or more than 16"),
        (envelope(signatures={"a": 1}), "it has no signature, or more than 16"),
        (envelope(signatures=[7]), "a signature of it is none"),
        (envelope(signatures=[{"sig": "\x1b[31m"}]), "a signature of it is none"),
        (envelope(), "or it was changed since"),
    ],
)
def test_a_hostile_envelope_is_refused_in_a_line(
    bundle: Path, keys: tuple[Path, Path], text: str, said: str
) -> None:
    (bundle / "web.provenance.json").write_text(text, encoding="latin-1")
    assert problem(bundle, keys[1]).endswith(said)


def test_an_envelope_of_absurd_size_is_not_read_whole(
    bundle: Path, keys: tuple[Path, Path]
) -> None:
    with (bundle / "web.provenance.json").open("r+b") as file:
        file.truncate(1 << 40)
    assert "is longer than 64 MiB" in problem(bundle, keys[1])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("[[", "it is not JSON"),
        ("{}", "it is no Statement of in-toto's version 1"),
        ('{"_type":"https://in-toto.io/Statement/v1"}', "it states nothing"),
        (
            '{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","predicate":{},'
            '"subject":[]}',
            "it speaks of no file",
        ),
        (
            '{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","predicate":{},'
            '"subject":[{"name":"a","digest":{"sha1":"b"}}]}',
            "it speaks of a file without a name or a SHA-256",
        ),
    ],
)
def test_what_is_signed_and_still_no_statement_is_refused(
    bundle: Path, keys: tuple[Path, Path], body: str, said: str
) -> None:
    (bundle / "web.provenance.json").write_text(statement_signing.signed(body, keys[0]))
    assert problem(bundle, keys[1]) == said


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a\0b", "x" * 5000])
def test_a_signed_name_leads_nowhere_else(bundle: Path, keys: tuple[Path, Path], name: str) -> None:
    says = {
        "_type": "https://in-toto.io/Statement/v1", "predicateType": "x", "predicate": {},
        "subject": [{"name": name, "digest": {"sha256": "0"}}],
    }  # fmt: skip
    text = statement_signing.signed(json.dumps(says), keys[0])
    (bundle / "web.provenance.json").write_text(text)
    said = problem(bundle, keys[1])
    assert "is not a file of this bundle" in said or "cannot be found" in said


@pytest.mark.parametrize("kind", ["rsa", "p384"])
def test_other_kinds_of_keys_are_refused(tmp_path: Path, kind: str) -> None:
    private, public = key(tmp_path, kind)
    with pytest.raises(RequestError, match="neither an ECDSA key on P-256 nor ed25519") as error:
        statement_signing.require(private)
    assert error.value.hint == envelopes.GENERATED
    with pytest.raises(RequestError, match="neither an ECDSA key on P-256 nor ed25519"):
        public_key(public)


def test_files_that_are_no_keys_are_refused(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    locked = tmp_path / "locked.pem"
    openssl("pkcs8", "-topk8", "-in", keys[0], "-passout", "pass:secret", "-out", locked)
    (tmp_path / "text").write_text("hello\n")
    for file in (locked, tmp_path / "text", keys[1]):
        with pytest.raises(RequestError, match="is no private key in PEM form"):
            statement_signing.require(file)
    with pytest.raises(RequestError, match="cannot read the key"):
        statement_signing.require(tmp_path / "none")
    with pytest.raises(RequestError, match="is a private key"):
        public_key(keys[0])
    with pytest.raises(RequestError, match="holds no public key") as error:
        public_key(tmp_path / "text")
    assert error.value.hint == "openssl pkey -in key.pem -pubout -out key.pub"


def test_the_command_says_a_line_per_statement_and_ends_with_a_status(
    bundle: Path, keys: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (bundle / "mi\x1bne").write_text("added\n")
    words = ["verify", str(bundle), "--key", str(keys[1])]
    assert main(words) == 0
    assert capsys.readouterr().out == (
        f"ok    web.provenance.json: provenance, of 2 files, signed by {keys[1]}\n"
        "ok    SHA256SUMS: checksums, of 3 files\n"
        "note: nothing signed speaks of mi\\x1bne\n"
    )
    (bundle / "web-sda.raw").unlink()
    assert main([*words, "--json"]) == 2
    says = json.loads(capsys.readouterr().out)
    assert says["holds"] is False
    assert says["statements"][0]["problem"] == "web-sda.raw is missing"
    assert says["unsigned"] == ["mi\x1bne", "web.appliance.json"]


def test_without_any_statement_nothing_is_verified(
    bundle: Path, keys: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    statement = bundle / "web.provenance.json"
    elsewhere = bundle.parent / "moved.json"
    statement.rename(elsewhere)
    words = ["verify", str(bundle), "--key", str(keys[1])]
    assert main(words) == 2
    assert "nobody signed a statement about" in capsys.readouterr().err
    assert main([*words, "--statement", str(elsewhere)]) == 2  # SHA256SUMS names it
    assert "ok    moved.json: provenance" in capsys.readouterr().out


def test_a_bundle_in_one_file_is_verified_too(
    tmp_path: Path, bundle: Path, keys: tuple[Path, Path]
) -> None:
    shutil.make_archive(str(tmp_path / "packed"), "zip", bundle.parent, bundle.name)
    store = ["--store", str(tmp_path / "store")]
    assert main(["verify", str(tmp_path / "packed.zip"), "--key", str(keys[1]), *store]) == 0


@pytest.mark.parametrize("kind", ["link", "directory"])
def test_checksums_that_are_no_file_are_told(
    bundle: Path, keys: tuple[Path, Path], kind: str
) -> None:
    sums = bundle / "SHA256SUMS"
    sums.unlink()
    sums.symlink_to("/dev/zero") if kind == "link" else sums.mkdir()
    found = verdicts(bundle, keys[1])
    assert found["web.provenance.json"].holds
    assert found["SHA256SUMS"].problem == "it is not a file of this bundle"


def test_a_name_that_no_file_can_have(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    bundle = stated(tmp_path / "odd", keys[0])
    statement = bundle / "web.provenance.json"
    body = json.loads(base64.b64decode(json.loads(statement.read_text())["payload"]))
    body["subject"][0]["name"] = "\ud800"
    statement.write_text(statement_signing.signed(json.dumps(body), keys[0]))
    assert problem(bundle, keys[1]) == "'\ud800' cannot be found"


def test_a_payload_that_is_not_base64(bundle: Path, keys: tuple[Path, Path]) -> None:
    statement = bundle / "web.provenance.json"
    statement.write_text(json.dumps({**json.loads(statement.read_text()), "payload": "\u00e9"}))
    assert problem(bundle, keys[1]) == "its payload is not base64"
