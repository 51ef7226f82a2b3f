"""openssl itself checks what is signed, from what is in the file alone."""

import re
import subprocess
from pathlib import Path

import pytest

from appliance.backends.ova_rules import lint
from appliance.errors import RequestError
from appliance.handover.ovf_signing import sign
from ova_making import good, pack


def openssl(*words: str | Path) -> str:
    return subprocess.run(
        ["openssl", *words], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL
    ).stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate, twice, and an EC key."""
    place = tmp_path_factory.mktemp("keys")
    for name in ("one", "two"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days",
                "2", "-keyout", place / f"{name}.key", "-out", place / f"{name}.pem")  # fmt: skip
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", place / "ec.key")
    openssl("rsa", "-in", place / "one.key", "-aes128", "-passout", "pass:secret", "-out",
            place / "locked.key")  # fmt: skip
    (place / "shop.mf").write_bytes(good()["shop.mf"])
    return place


def test_anybody_can_check_the_signature(place: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"  # a certificate beside its key: that stays here
    both.write_text((place / "one.key").read_text() + (place / "one.pem").read_text())
    text = sign(place / "shop.mf", place / "one.key", both)

    first, _, certificate = text.partition("\n")
    found = re.fullmatch(r"SHA256\(shop\.mf\)= ([0-9a-f]+)", first)
    assert found
    assert "PRIVATE" not in text
    (tmp_path / "signature").write_bytes(bytes.fromhex(found[1]))
    (tmp_path / "cert.pem").write_text(certificate)
    (tmp_path / "public").write_text(
        openssl("x509", "-in", tmp_path / "cert.pem", "-noout", "-pubkey")
    )
    said = openssl("dgst", "-sha256", "-verify", tmp_path / "public", "-signature",
                   tmp_path / "signature", place / "shop.mf")  # fmt: skip
    assert said == "Verified OK\n"
    assert text == sign(place / "shop.mf", place / "one.key", both)

    ovf, manifest, disk = good().items()
    assert not lint(pack(tmp_path, dict((ovf, manifest, ("shop.cert", text.encode()), disk))))


@pytest.mark.parametrize(
    ("key", "certificate", "problem"),
    [
        ("two.key", "one.pem", "is not of the key"),
        ("ec.key", "one.pem", "not an RSA key"),
        ("locked.key", "one.pem", "without a passphrase"),
        ("absent.key", "one.pem", "cannot read the key"),
        ("one.key", "absent.pem", "cannot read the certificate"),
        ("one.key", "one.key", "holds no certificate"),
        ("one.pem", "one.pem", "no private key"),
    ],
)
def test_what_cannot_sign_is_said(place: Path, key: str, certificate: str, problem: str) -> None:
    with pytest.raises(RequestError, match=problem):
        sign(place / "shop.mf", place / key, place / certificate)
