"""OpenPGP keys of repositories: where they are, and what gpgv(1) says of a signature."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from appliance.errors import CommandError, SourceError
from appliance.host import command, download
from appliance.host.download import RemoteAccess
from appliance.store.results import write_whole

COLLECTION = Path("/usr/share/distribution-gpg-keys")
OWN = Path("/etc/pki/rpm-gpg")  # the keys of an RPM host's own distribution
LIMIT = 4 * 1024 * 1024  # bytes of a file of keys
BEGIN, END = b"-----BEGIN PGP PUBLIC KEY BLOCK-----", b"-----END PGP PUBLIC KEY BLOCK-----"


def find(name: str) -> str:
    """Return where the key file *name* of distribution-gpg-keys is on this host; empty if nowhere.

    A host that is itself of the family has the keys even without that package.
    """
    places = (COLLECTION / name, OWN / Path(name).name)
    return next((str(place) for place in places if place.exists()), "")


def collect(keys: Sequence[str], place: Path, access: RemoteAccess = RemoteAccess()) -> None:  # noqa: B008
    """Write all *keys* (files or URLs) to the file *place*, armored, one after the other.
    *access* is the repository's: its proxy and certificates are for its keys, too.

    Raises SourceError if one cannot be had or is no key.
    """
    found = b""
    for key in keys:
        try:
            parts = urlsplit(key)
        except ValueError as error:
            raise SourceError(f"{key} is not the address of a key: {error}") from error
        if parts.scheme in ("", "file"):
            text = download.file_text(Path(unquote(parts.path)), limit=LIMIT)
        else:
            text = download.text(replace(access, urls=(key,)), "", limit=LIMIT)
        if text is None:
            raise SourceError(f"the key {key} is not there", hint="--keyring FILE")
        found += armored(text, key)
    write_whole(place, found.decode(errors="replace"))


def armored(text: bytes, name: str) -> bytes:
    """Return *text*, a key in binary or armored form, as armor (RFC 9580, 6.2)."""
    blocks = _blocks(text)
    if blocks:
        return b"".join(b"%s%s%s\n" % (BEGIN, block, END) for block in blocks)
    if not text[:1] or not text[0] & 0x80:  # every packet begins with that bit (RFC 9580, 4.2)
        raise SourceError(f"{name} holds no OpenPGP key", hint="--keyring FILE")
    sum_of_it = base64.b64encode(_crc24(text).to_bytes(3, "big"))
    return b"%s\n\n%s=%s\n%s\n" % (BEGIN, base64.encodebytes(text), sum_of_it, END)


def _crc24(data: bytes) -> int:
    """The checksum at the end of armor (RFC 9580, 6.1.1), which rpm insists on."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = (crc << 1) ^ (0x1864CFB if crc & 0x800000 else 0)
    return crc & 0xFFFFFF


def _blocks(text: bytes) -> list[bytes]:
    """What is between the first and the last line of each armored key."""
    parts = text.split(BEGIN)[1:]
    return [part.partition(END)[0] for part in parts if END in part]


def binary(text: bytes) -> bytes:
    """The keys of armored *text* as gpgv(1) reads them."""
    found = b""
    for block in _blocks(text):
        lines = block.splitlines()[1:]
        blank = next((number for number, line in enumerate(lines) if not line.strip()), -1)
        body = [line.strip() for line in lines[blank + 1 :] if not line.startswith(b"=")]
        try:
            found += base64.b64decode(b"".join(body), validate=True)
        except binascii.Error as error:
            raise SourceError(f"a key is damaged: {error}") from error
    return found


def check(signed: Path, signature: bytes, keyring: Path, *, name: str) -> None:
    """Raise SourceError unless *signature* is one of *signed* by a key of *keyring* (armored);
    *name* is the repository's."""
    keys, beside = keyring.with_suffix(".gpg"), keyring.with_suffix(".signature")
    keys.write_bytes(binary(keyring.read_bytes()))
    beside.write_bytes(signature)
    try:
        command.run(["gpgv", "--homedir", keyring.parent, "--keyring", keys, beside, signed])
    except CommandError as error:
        raise _refusal(name, error.tail) from error


def _refusal(name: str, said: tuple[str, ...]) -> SourceError:
    """Say why gpgv(1) did not like the signature of the metadata of *name*."""
    found = re.search(r"key (?:ID )?([0-9A-F]{16,})", "\n".join(said))
    if not found or not any("No public key" in line for line in said):
        return SourceError(
            f"the signature of the metadata of {name} is not valid",
            hint=f"--refresh, or another mirror; or --no-gpg-check {name}",
            tail=said,
        )
    return SourceError(
        f"the metadata of {name} is signed with key {found[1]}, which is not known for it",
        hint=f"--keyring FILE with that key, if you trust it; or --no-gpg-check {name}",
        tail=said,
    )
