"""Certificates and keys: which there are, whose they are, when they end."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import CertificateFacts
from appliance.inspection.installed import Ownership
from appliance.inspection.sections.people import fingerprint
from appliance.intake.trees.limits import DamagedError
from appliance.work.file_tree import FILE, Entry

LARGEST = 4 << 20  # bytes of a file that is looked into: a bundle of all authorities has 1
MOST_FILES, MOST_IN_ONE = 20_000, 1000
# Where any file may hold one; elsewhere, its name has to say so.
ANY_NAME = ("/etc/", "/root/", "/home/", "/opt/", "/srv/", "/usr/local/", "/var/lib/", "/boot/")
NOT_THERE = ("/var/lib/dpkg/", "/var/lib/rpm/", "/var/lib/apt/lists/")
NAMES = re.compile(r"\.(pem|crt|cer|der|key|p12|pfx|jks|p8|pub|gpg|asc)$|/id_\w+$|_key$", re.I)
BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,60})-----(.*?)-----END \1-----", re.S)
SSH_PUBLIC = re.compile(rb"\A((?:ssh|ecdsa|sk)-[\w.@-]+) ([A-Za-z0-9+/=]+)(?: ([^\n]*))?\s*\Z")
STORES = {".p12": "PKCS #12 store", ".pfx": "PKCS #12 store", ".jks": "Java key store"}
KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((rsa.RSAPublicKey, rsa.RSAPrivateKey), "RSA"),
    ((ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey), "EC"),
    ((ed25519.Ed25519PublicKey, ed25519.Ed25519PrivateKey), "Ed25519"),
    ((ed448.Ed448PublicKey, ed448.Ed448PrivateKey), "Ed448"),
    ((dsa.DSAPublicKey, dsa.DSAPrivateKey), "DSA"),
)
PRIVATE, PUBLIC = "private key", "public key"
ENCRYPTED_WORDS = (b"Proc-Type: 4,ENCRYPTED", b"DEK-Info:")
OPENSSH_MAGIC = b"openssh-key-v1\0"
OF_X509 = ("CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE")


def certificates(image: Catalogue, owned: Ownership) -> tuple[CertificateFacts, ...]:
    """The certificates and keys that are found, by path; where a file has several certificates,
    they are counted."""
    found: list[CertificateFacts] = []
    looked = 0
    for path, entry in image.by_path.items():
        if not _may_hold_one(entry):
            continue
        looked += 1
        if looked > MOST_FILES:
            break
        found += _in_file(image, path, owned.name(path))
    return tuple(found)


def _may_hold_one(entry: Entry) -> bool:
    if entry.kind != FILE or not 0 < entry.size <= LARGEST or entry.path.startswith(NOT_THERE):
        return False
    return entry.path.startswith(ANY_NAME) or bool(NAMES.search(entry.path))


def _in_file(image: Catalogue, path: str, package: str) -> Iterator[CertificateFacts]:
    ending = path[path.rfind(".") :].lower()
    if ending in STORES:
        yield CertificateFacts(path, STORES[ending], package)
        return
    try:
        data = image.tree.read(path, LARGEST)
    except DamagedError:
        return
    blocks = BLOCK.findall(data)[:MOST_IN_ONE] if b"-----BEGIN " in data else []
    texts = [(kind.decode(), body) for kind, body in blocks]
    held = [body for kind, body in texts if kind in OF_X509]
    if held:
        yield _certificate(path, package, _decoded(held[0]), len(held))
    elif ending in (".der", ".cer", ".crt") and data[:1] == b"\x30":
        yield _certificate(path, package, data, 1)
    for kind, body in texts:
        if kind.endswith("PRIVATE KEY"):
            yield _private(path, package, kind, body)
    if public := SSH_PUBLIC.match(data):
        yield _public(path, package, public)


def _certificate(path: str, package: str, der: bytes, count: int) -> CertificateFacts:
    kind = "certificates" if count > 1 else "certificate"
    try:
        read = x509.load_der_x509_certificate(der)
        return CertificateFacts(
            path=path,
            kind=kind,
            package=package,
            subject=_name(read.subject),
            issuer=_name(read.issuer),
            until=int(_end(read).timestamp()),
            fingerprint=read.fingerprint(hashes.SHA256()).hex(),
            algorithm=_algorithm(read.public_key()),
            count=count,
        )
    except (ValueError, UnsupportedAlgorithm, TypeError):
        return CertificateFacts(path, kind, package, algorithm="it cannot be read", count=count)


def _end(read: x509.Certificate) -> datetime:
    """When it ends; before cryptography 42 it is told without a time zone."""
    if hasattr(read, "not_valid_after_utc"):
        return read.not_valid_after_utc
    return read.not_valid_after.replace(tzinfo=UTC)


def _algorithm(key: object) -> str:
    """The kind of a key, and its length in bits where that is not always the same."""
    size = getattr(key, "key_size", 0)
    name = next((name for kinds, name in KINDS if isinstance(key, kinds)), "unknown")
    return f"{name} {size}" if size else name


def _name(name: x509.Name) -> str:
    return name.rfc4514_string()


def _private(path: str, package: str, kind: str, body: bytes) -> CertificateFacts:
    data = _decoded(body)
    encrypted = kind.startswith("ENCRYPTED") or any(word in body for word in ENCRYPTED_WORDS)
    algorithm = kind.removesuffix("PRIVATE KEY").removeprefix("ENCRYPTED").strip()
    if data.startswith(OPENSSH_MAGIC):
        cipher = data[len(OPENSSH_MAGIC) + 4 :][: int.from_bytes(data[15:19], "big")]
        encrypted = cipher != b"none"
    elif not encrypted and not algorithm:
        algorithm = _kind_of_key(data)
    return CertificateFacts(path, PRIVATE, package, algorithm=algorithm, encrypted=encrypted)


def _kind_of_key(der: bytes) -> str:
    try:
        return _algorithm(serialization.load_der_private_key(der, password=None))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return ""


def _public(path: str, package: str, found: re.Match[bytes]) -> CertificateFacts:
    key = found[2].decode("ascii")
    return CertificateFacts(
        path=path,
        kind=PUBLIC,
        package=package,
        subject=(found[3] or b"").decode("utf-8", "surrogateescape"),
        fingerprint=fingerprint(key),
        algorithm=found[1].decode("ascii", "replace"),
    )


def _decoded(body: bytes) -> bytes:
    text = b"".join(line for line in body.split(b"\n") if b":" not in line)
    try:
        return base64.b64decode(b"".join(text.split()))
    except ValueError:
        return b""
