"""Sign the manifest of an OVF package: the text of NAME.cert (DSP0243 1.1, 5.1)."""

import re
import tempfile
from pathlib import Path

from appliance.errors import CommandError, RequestError
from appliance.host import command

PEM = re.compile(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n")
ALGORITHM = "SHA256"
NO_PASSPHRASE = ["-passin", "pass:"]  # so that nobody is asked for one in the middle of a build


def sign(manifest: Path, key: Path, certificate: Path) -> str:
    """The signature of the file *manifest* with the RSA *key*, and the *certificate*, which says
    whose that is, with those above it if its file has them. The same files, the same text.

    Raises RequestError for a key or certificate that cannot be read, is locked with a passphrase,
    is not RSA, or if one is not the other's; HostError without openssl.
    """
    chain = _certificates(certificate)
    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)
        _check_key(key)
        signature = scratch / "signature"
        _openssl(
            ["dgst", "-sha256", "-sign", key, *NO_PASSPHRASE, "-out", signature, manifest],
            f"{key} cannot sign",
        )
        _check_pair(scratch, manifest, key=key, certificate=certificate)
        return f"{ALGORITHM}({manifest.name})= {signature.read_bytes().hex()}\n{''.join(chain)}"


def _certificates(path: Path) -> list[str]:
    """The certificates in the file, and nothing else that it has: there may be a key, too."""
    try:
        text = path.read_text(errors="replace").replace("\r\n", "\n")
    except OSError as error:
        raise RequestError(f"cannot read the certificate {path}: {error.strerror}") from None
    found = PEM.findall(text if text.endswith("\n") else f"{text}\n")
    if not found:
        raise RequestError(f"{path} holds no certificate", hint="one in PEM form")
    return found


def _check_key(key: Path) -> None:
    """Raise RequestError unless it is RSA: other signatures VMware does not know, and no two of
    them are the same."""
    try:
        with key.open("rb"):
            pass
    except OSError as error:
        raise RequestError(f"cannot read the key {key}: {error.strerror}") from None
    said = _openssl(
        ["pkey", "-in", key, *NO_PASSPHRASE, "-noout", "-text_pub"],
        f"{key} is no private key that can be read without a passphrase",
    )
    if "Modulus:" not in said:
        raise RequestError(
            f"the key {key} is not an RSA key", hint="openssl genrsa -out KEY.pem 4096"
        )


def _check_pair(scratch: Path, manifest: Path, *, key: Path, certificate: Path) -> None:
    """Raise RequestError unless whoever has the certificate can check the signature."""
    public = scratch / "public"
    public.write_text(
        _openssl(
            ["x509", "-in", certificate, "-noout", "-pubkey"], f"{certificate} is no certificate"
        )
    )
    _openssl(
        ["dgst", "-sha256", "-verify", public, "-signature", scratch / "signature", manifest],
        f"the certificate {certificate} is not of the key {key}",
    )


def _openssl(words: list[str | Path], problem: str) -> str:
    """Run openssl; RequestError with *problem* and its last words if it refuses."""
    try:
        return command.run(["openssl", *words])
    except CommandError as error:
        raise RequestError(problem, tail=error.tail[-2:]) from None
