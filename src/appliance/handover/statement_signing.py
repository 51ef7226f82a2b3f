"""Sign what is said of a bundle: an envelope (DSSE) that programs of others read, too."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance.backends.libraries import library
from appliance.backends.sbom_formats.model import purl
from appliance.bundle import statements
from appliance.bundle.model import Bundle
from appliance.bundle.statements import PAYLOAD_TYPE, Material, Origin
from appliance.errors import RequestError
from appliance.intake.envelopes import GENERATED, LONGEST_KEY, check_kind


def require(key: Path) -> None:
    """Raise RequestError, before anything is built, if the private *key* cannot sign; HostError if
    a library is missing."""
    library("packageurl")
    _signer(key)


def signed_provenance(bundle: Bundle, origin: Origin, files: Mapping[str, str], key: Path) -> str:
    """The text of NAME.provenance.json: *files*, SHA-256 by name, were made of *origin* and of the
    packages of *bundle*, whose repositories are named, too."""
    repositories = (
        Material(f"repository {item.name}", {"sha256": item.sha256})
        for item in bundle.repositories
        if item.sha256
    )
    packages = (
        Material(item.name, {"sha256": item.sha256}, purl(item, bundle)) for item in bundle.packages
    )
    whole = Origin(origin.parameters, (*origin.materials, *repositories, *packages))
    return signed(statements.provenance(bundle, whole, files), key)


def signed(statement: str, key: Path) -> str:
    """The envelope of *statement*, signed by the private key in the PEM file *key*.

    Raises RequestError if that cannot be read, is locked with a passphrase, or is neither ECDSA on
    P-256 nor ed25519; HostError if a library is missing.
    """
    envelope = library("securesystemslib.dsse").Envelope(statement.encode(), PAYLOAD_TYPE, {})
    envelope.sign(_signer(key))
    return json.dumps(envelope.to_dict()) + "\n"


def _signer(key: Path) -> Any:
    serialization = library("cryptography.hazmat.primitives.serialization")
    unsupported = library("cryptography.exceptions").UnsupportedAlgorithm
    signer = library("securesystemslib.signer")
    try:
        with key.open("rb") as file:
            private = serialization.load_pem_private_key(file.read(LONGEST_KEY), password=None)
        public = signer.SSlibKey.from_crypto(private.public_key())
    except OSError as error:
        raise RequestError(f"cannot read the key {key}: {error.strerror}") from None
    except (ValueError, TypeError, unsupported):
        raise RequestError(
            f"{key} is no private key in PEM form that can be read without a passphrase",
            hint=GENERATED,
        ) from None
    check_kind(public, key)
    return signer.CryptoSigner(private, public)
