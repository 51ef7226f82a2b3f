"""How we are let in: passwords, keys, and a one-time password where nobody has given any."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from appliance.boot.credentials import Identity
from appliance.errors import CommandError, RequestError
from appliance.host import command

ROOT = "root"


@dataclass(frozen=True)
class GuestAccess:
    """Who logs in to a machine, and how.

    *user*: the user's name.
    *password*: the password for the console.
    *key*: the file of a private key, with which somebody logs in over ssh instead of the console.
    *one_time*: True if the password is only told to the machine at launch; the image may not take
        it.
    """

    user: str = ROOT
    password: str = ""
    key: Path | None = None
    one_time: bool = False


def agree(login: str, key: Path | None) -> GuestAccess:
    """What `--login USER[:PASSWORD]` and `--login-key FILE` mean together.

    The file may hold the public key, if the private one is beside it. Raises RequestError if that
    is not there, and if a user is named with neither password nor key.
    """
    user, colon, password = login.partition(":")
    if key:
        return GuestAccess(user or ROOT, key=_private_half(key))
    if colon and user:
        return GuestAccess(user, password)
    if login:
        raise RequestError(f"no password in '{login}'", hint=f"--login={login}:PASSWORD")
    return GuestAccess(ROOT, secrets.token_hex(12), one_time=True)


def identity(access: GuestAccess) -> Identity:
    """What must be handed over at launch so that *access* works; empty for known passwords."""
    if access.key:
        key = public_key(access.key)
        if access.user == ROOT:
            return Identity(ssh_key=key)
        return Identity(extra=((f"ssh.authorized_keys.{access.user}", key),))
    if access.one_time:
        return Identity(password_hash=hashed(access.password))
    return Identity()


def hashed(password: str) -> str:
    """The SHA-512 form of crypt(5), with a salt of its own."""
    return command.run(["openssl", "passwd", "-6", "-stdin"], stdin=password + "\n").strip()


def public_key(file: Path) -> str:
    """Return the public key that belongs to *file*: its text if it is a public key, else what
    ssh-keygen makes of the private key.

    Raises RequestError if it is neither.
    """
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"cannot read the key {file}: {error}") from None
    if "PRIVATE KEY" not in text:
        if len(text.split()) < 2:
            raise RequestError(f"{file} is no ssh key", hint="ssh-keygen -t ed25519 -f FILE")
        return text
    beside = file.with_name(file.name + ".pub")
    if beside.is_file():
        return beside.read_text()
    try:
        return command.run(["ssh-keygen", "-y", "-P", "", "-f", file])
    except CommandError as error:
        raise RequestError(
            f"{file} does not tell its public half",
            tail=error.tail,
            hint=f"ssh-keygen -y -f {file} > {beside}",
        ) from None


def private_key(file: Path) -> Path | None:
    """The private key that belongs to *file*, if it is there."""
    candidate = file.with_suffix("") if file.suffix == ".pub" else file
    return candidate if candidate.is_file() else None


def _private_half(file: Path) -> Path:
    """The private key that belongs to *file*, with which somebody can log in."""
    if file.suffix != ".pub":
        return file
    private = private_key(file)
    if private is None:
        raise RequestError(
            f"{file} is a public key, and {file.with_suffix('')} is not there",
            hint="the file of the private key",
        )
    return private


def new_key(directory: Path) -> Path:
    """Make a key pair for one session in *directory*; returns the private key's path."""
    file = directory / "key"
    command.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "appliance", "-f", file])
    return file


def ssh_words(access: GuestAccess, port: int) -> tuple[str, ...]:
    """The ssh command line to a machine on *port* of this one. Its host key is new each time."""
    key = ("-i", str(access.key), "-o", "IdentitiesOnly=yes") if access.key else ()
    options = (
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "GlobalKnownHostsFile=/dev/null",
        "LogLevel=ERROR",
        "ConnectTimeout=60",
        "ServerAliveInterval=15",
        "ServerAliveCountMax=40",  # an emulated guest may be busy for minutes
    )
    pairs = tuple(word for option in options for word in ("-o", option))
    return ("ssh", "-F", "none", "-p", str(port), *key, *pairs, f"{access.user}@127.0.0.1")
