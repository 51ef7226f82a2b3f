"""Keys that sign statements, and small bundles to state something of."""

import hashlib
import subprocess
from pathlib import Path

from appliance.bundle.manifest import SUMS, sums_text
from appliance.bundle.statements import PROVENANCE, STATEMENT
from appliance.handover.statement_signing import signed

KINDS = {
    "ed25519": ("-algorithm", "ed25519"),
    "p256": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "p384": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "rsa": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
}


def key(place: Path, kind: str = "ed25519", name: str = "key") -> tuple[Path, Path]:
    """A private key and its public half, as OpenSSL writes them."""
    private, public = place / f"{name}.pem", place / f"{name}.pub"
    openssl("genpkey", *KINDS[kind], "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    return private, public


def openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def stated(place: Path, private: Path, name: str = "web", predicate: str = "{}") -> Path:
    """A bundle at *place* of two files, with checksums and a statement that *private* signed."""
    place.mkdir()
    files = {f"{name}.appliance.json": b"{}\n", f"{name}-sda.raw": b"disk" * 1000}
    for file, data in files.items():
        (place / file).write_bytes(data)
    sums = {file: hashlib.sha256(data).hexdigest() for file, data in files.items()}
    told = ",".join(f'{{"name":"{file}","digest":{{"sha256":"{sums[file]}"}}}}' for file in sums)
    text = (
        f'{{"_type":"{STATEMENT}","subject":[{told}],'
        f'"predicateType":"{PROVENANCE}","predicate":{predicate}}}'
    )
    statement = place / f"{name}.provenance.json"
    statement.write_text(signed(text, private))
    sums[statement.name] = hashlib.sha256(statement.read_bytes()).hexdigest()
    (place / SUMS).write_text(sums_text(sums))
    return place
