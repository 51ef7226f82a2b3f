"""Who signs: OpenPGP keys, made once in a cache and kept there."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MADE = "20240101T000000"


@dataclass(frozen=True)
class Key:
    """A key of the gpg home directory *home*; *public* is how others get it."""

    home: Path
    fingerprint: str
    public: str

    def sign(self, data: bytes, when: int, *, armor: bool = False) -> bytes:
        """Sign *data* apart from it, at the moment *when* (seconds since 1970)."""
        words = ["--digest-algo", "sha256", "--no-emit-version", "--local-user", self.fingerprint]
        words += ["--faked-system-time", f"{when}!", "--detach-sign", *(["--armor"] * armor)]
        return _gpg(self.home, words, data)

    def rest(self) -> None:
        """End the agent that signing has started."""
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], check=True)


def key(home: Path, name: str) -> Key:
    """Return the signing key in *home*, made now if there is none."""
    if not home.exists():
        home.mkdir(mode=0o700, parents=True)
        person = f"{name} <nobody@example.org>"
        # RSA: what every rpm knows, and its signatures of the same bytes are the same.
        quick = ["--quick-generate-key", person, "rsa2048", "sign", "never"]
        _gpg(home, ["--faked-system-time", MADE, *quick])
    listed = _gpg(home, ["--list-secret-keys", "--with-colons"]).decode()
    found = re.search(r"^fpr:+([0-9A-F]+):", listed, re.MULTILINE)
    assert found, f"no key in {home}: remove it"
    return Key(home, found[1], _gpg(home, ["--armor", "--export", found[1]]).decode())


def _gpg(home: Path, words: Sequence[str], data: bytes = b"") -> bytes:
    argv = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--no-tty"]
    argv += ["--pinentry-mode", "loopback", "--passphrase", "", *words]
    done = subprocess.run(argv, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
