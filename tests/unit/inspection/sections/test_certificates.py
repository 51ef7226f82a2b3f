"""Certificates and keys are found, and told as openssl and ssh-keygen tell them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.installed import Ownership
from appliance.inspection.sections.certificates import certificates

Form = serialization.PrivateFormat
Made = Callable[[Mapping[str, str]], Catalogue]
KEY = ec.generate_private_key(ec.SECP256R1())
END = datetime(2030, 1, 2, tzinfo=UTC)


def pem() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(END - timedelta(days=9))
        .not_valid_after(END)
        .sign(KEY, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def private(form: Form, password: bytes = b"") -> str:
    locked = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return KEY.private_bytes(serialization.Encoding.PEM, form, locked).decode()


@pytest.mark.parametrize("count", [1, 3])
def test_a_certificate_is_told_with_its_end(made: Made, count: int) -> None:
    [said] = certificates(made({"/etc/ssl/shop.pem": "a comment\n" + pem() * count}), Ownership())
    assert (said.subject, said.issuer) == ("CN=shop.example", "CN=shop.example")
    assert (said.count, said.until) == (count, int(END.timestamp()))
    assert said.algorithm == "EC 256"
    assert len(said.fingerprint) == 64


@pytest.mark.parametrize(
    ("text", "algorithm", "encrypted"),
    [
        (private(Form.PKCS8), "EC 256", False),
        (private(Form.PKCS8, b"secret"), "", True),
        (private(Form.TraditionalOpenSSL), "EC", False),
        (private(Form.TraditionalOpenSSL, b"secret"), "EC", True),
        (private(Form.OpenSSH), "OPENSSH", False),
    ],
)
def test_a_private_key_is_told_and_whether_a_passphrase_protects_it(
    made: Made, text: str, algorithm: str, encrypted: bool
) -> None:
    [said] = certificates(made({"/srv/app/anything": text}), Ownership())
    assert (said.kind, said.algorithm, said.encrypted) == ("private key", algorithm, encrypted)


def test_what_only_looks_like_one_is_not_believed(made: Made) -> None:
    files = {
        "/etc/a.pem": "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n",
        "/etc/b.pem": "-----BEGIN CERTIFICATE-----\nno end",
        "/etc/c.pub": "ssh-rsa notbase64!\n",
        "/usr/share/doc/readme": pem(),
        "/etc/d.p12": "x",
    }
    found = {said.path: said for said in certificates(made(files), Ownership())}
    assert set(found) == {"/etc/a.pem", "/etc/d.p12"}
    assert found["/etc/a.pem"].algorithm == "it cannot be read"
    assert found["/etc/d.p12"].kind == "PKCS #12 store"
