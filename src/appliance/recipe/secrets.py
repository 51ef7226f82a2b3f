"""Passwords become hashes here, and plain text goes no further."""

import ctypes
import hashlib
import shlex
from collections.abc import Mapping
from functools import cache

from appliance.errors import HostError
from appliance.masking import REPLACED

LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2")
ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SALT_LENGTH = 16  # the most that $6$ takes, crypt(5)
SECRETS = ("--passphrase", "--backuppassphrase", "--password", "--md5pass")
SHORTEST_LINE = 4  # characters; shorter lines of a secret say nothing, and are everywhere
GUESSED = 100_000  # rounds of PBKDF2, a tenth of a second for whoever guesses a secret
ROUNDS = 10_000  # of PBKDF2, what grub-mkpasswd-pbkdf2(1) takes too


def hash_password(plain: str, *, salt_from: str) -> str:
    """Return the SHA-512 hash of *plain* as crypt(5) writes it: $6$salt$hash.

    The salt derives from *salt_from*, so that the same recipe gives the same image.
    Raises HostError if this machine has no libcrypt.
    """
    digest = hashlib.sha256(salt_from.encode()).digest()
    salt = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:SALT_LENGTH])
    return with_setting(plain, f"$6${salt}$")


def with_setting(plain: str, setting: str) -> str:
    """Hash *plain* the way *setting* says; Python itself offers crypt(3) no longer since 3.13."""
    function = _library().crypt
    function.restype = ctypes.c_char_p
    function.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
    hashed: bytes | None = function(plain.encode(), setting.encode())
    if not hashed or not hashed.startswith(b"$6$"):  # libxcrypt returns "*0" on failure
        raise HostError("the libcrypt of this machine cannot make SHA-512 password hashes")
    return hashed.decode()


def boot_password(plain: str, *, salt_from: str) -> str:
    """Return the hash of *plain* that GRUB's password_pbkdf2 takes, as grub-mkpasswd-pbkdf2(1)
    writes it; the salt derives from *salt_from*."""
    salt = hashlib.sha512(salt_from.encode()).digest()
    made = hashlib.pbkdf2_hmac("sha512", plain.encode(), salt, ROUNDS)
    return f"grub.pbkdf2.sha512.{ROUNDS}.{salt.hex().upper()}.{made.hex().upper()}"


def fingerprint(secret: str, *, salt_from: str) -> str:
    """Return what tells whether a *secret* has changed, and from which nobody learns it quickly;
    the salt derives from *salt_from*."""
    salt = hashlib.sha512(salt_from.encode()).digest()
    plain = secret.encode(errors="surrogateescape")
    return hashlib.pbkdf2_hmac("sha512", plain, salt, GUESSED).hex()


def without_texts(text: str, secrets: Mapping[str, str]) -> str:
    """Return *text* with the name of each of the *secrets* (name: secret) where the secret itself
    stands, or a line of it: programs print line by line."""
    names: dict[str, str] = {}
    for name, secret in secrets.items():
        lines = (line for line in secret.splitlines() if len(line) >= SHORTEST_LINE)
        names.update({part: name for part in (secret, *lines) if part})
    for part in sorted(names, key=len, reverse=True):
        text = text.replace(part, names[part])
    return text


def without_passphrase(words: tuple[str, ...]) -> str:
    """Write a line again without what follows the options that hold a secret."""
    kept: list[str] = []
    for word in words:
        name, equals, _ = word.partition("=")
        hidden = name in SECRETS and equals
        kept.append(f"{name}={REPLACED}" if hidden else word)
        if len(kept) > 1 and kept[-2] in SECRETS:
            kept[-1] = REPLACED
    return shlex.join(kept)


@cache
def _library() -> ctypes.CDLL:
    for name in LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise HostError(
        "libcrypt is not installed: plain passwords cannot be hashed",
        hint="dnf install libxcrypt or apt install libcrypt1; or give hashes with --iscrypted",
    )
