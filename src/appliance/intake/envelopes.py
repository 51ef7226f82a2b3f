"""Signed statements of anybody: an envelope is opened, and believed if a key that we know signed
it.

Facts: DSSE 1.0 (github.com/secure-systems-lab/dsse). The name of a key in an envelope is a hint
only; so each signature is tried with each of our keys.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.backends.libraries import library
from appliance.bundle.statements import PAYLOAD_TYPE, Statement, parsed, read
from appliance.errors import RequestError
from appliance.units import KIB, MIB, show

LONGEST = 64 * MIB  # bytes of an envelope; one that names 10,000 packages has some 5 MiB
LONGEST_KEY = 64 * KIB  # bytes of a file with a key
MOST_SIGNATURES = 16
KINDS = (("ecdsa", "ecdsa-sha2-nistp256"), ("ed25519", "ed25519"))
GENERATED = "openssl genpkey -algorithm ed25519 -out key.pem"


class UnbelievedError(Exception):
    """What an envelope says is not to be believed: the text says why."""


@dataclass(frozen=True)
class PublicKey:
    """A key that signatures are tried with: the *file* that holds it, and the library's *value*."""

    file: Path
    value: Any


@dataclass(frozen=True)
class Believed:
    """What an envelope says, and whose signature it has."""

    statement: Statement
    key: PublicKey


def public_key(file: Path) -> PublicKey:
    """Read the public key in the PEM *file*. Raises RequestError if it is none, or of a kind that
    statements are not signed with; HostError if a library is missing."""
    signer = library("securesystemslib.signer")
    serialization = library("cryptography.hazmat.primitives.serialization")
    unsupported = library("cryptography.exceptions").UnsupportedAlgorithm
    data = _limited(file, LONGEST_KEY, "a key")
    if b"PRIVATE KEY" in data:
        raise RequestError(
            f"{file} is a private key", hint=f"openssl pkey -in {file} -pubout -out key.pub"
        )
    try:
        value = signer.SSlibKey.from_crypto(serialization.load_pem_public_key(data))
    except (ValueError, unsupported):
        raise RequestError(
            f"{file} holds no public key in PEM form",
            hint="openssl pkey -in key.pem -pubout -out key.pub",
        ) from None
    check_kind(value, file)
    return PublicKey(file, value)


def check_kind(key: Any, file: Path) -> None:
    """Raise RequestError unless *key*, of *file*, is ECDSA on P-256 or ed25519."""
    if (key.keytype, key.scheme) not in KINDS:
        raise RequestError(f"{file} is neither an ECDSA key on P-256 nor ed25519", hint=GENERATED)


def believed(file: Path, keys: Sequence[PublicKey]) -> Believed:
    """What the envelope *file* says, if one of *keys* signed it.

    Raises UnbelievedError for one that none did, that is damaged, or that is no envelope of a
    statement.
    """
    try:
        says = parsed(_limited(file, LONGEST, "an envelope"))
        kind, payload, signatures = (
            says.get(name) for name in ("payloadType", "payload", "signatures")
        )
        if kind != PAYLOAD_TYPE or not isinstance(payload, str):
            raise ValueError("it is no envelope of a statement")
        if not isinstance(signatures, list) or not 0 < len(signatures) <= MOST_SIGNATURES:
            raise ValueError(f"it has no signature, or more than {MOST_SIGNATURES}")
        body = _payload(payload)
        key = _signer(body, [_signature(each) for each in signatures], keys)
        return Believed(read(body), key)
    except (ValueError, RequestError) as error:
        raise UnbelievedError(error.problem if isinstance(error, RequestError) else error) from None


def _payload(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("its payload is not base64") from None


def _signature(says: Any) -> bytes:
    text = says.get("sig") if isinstance(says, dict) else None
    if not isinstance(text, str):
        raise ValueError("a signature of it is none")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("a signature of it is none") from None


def _signer(body: bytes, signatures: Sequence[bytes], keys: Sequence[PublicKey]) -> PublicKey:
    signer, errors = library("securesystemslib.signer"), library("securesystemslib.exceptions")
    signed = library("securesystemslib.dsse").Envelope(body, PAYLOAD_TYPE, {}).pae()
    for key in keys:
        for signature in signatures:
            try:
                made = signer.Signature(key.value.keyid, signature.hex())
                key.value.verify_signature(made, signed)
            except (errors.UnverifiedSignatureError, errors.VerificationError):
                continue
            return key
    told = ", ".join(str(key.file) for key in keys)
    raise ValueError(f"it is not signed by {told}, or it was changed since")


def _limited(file: Path, limit: int, called: str) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise RequestError(f"cannot read {file}: {error.strerror}") from None
    if len(data) > limit:
        raise RequestError(f"{file} is longer than {show(limit)}: it is not {called}")
    return data
