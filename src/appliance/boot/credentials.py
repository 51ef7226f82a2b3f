"""Identity given at launch: which systemd credential carries what, and how a machine gets it.

Facts: systemd.system-credentials(7), systemd-creds(1). SMBIOS type 11 strings are read by
systemd 252 and later. `tmpfiles.extra` makes root's keys work in any image with that systemd;
opening a locked root needs the unit of kickstarts/snippets/credentials-debian.ks in the image.
"""

import base64
import re
from dataclasses import dataclass

from appliance.errors import RequestError
from appliance.units import KIB, show

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,254}")
HOSTNAME = re.compile(r"(?=.{1,64}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*")
ROOM = 48 * KIB  # of the 64 KiB that all SMBIOS structures share
KEYS = "/root/.ssh/authorized_keys"


@dataclass(frozen=True)
class Identity:
    """Who a machine shall be; empty fields leave the image as it is.

    *ssh_key*: a public key that lets root in over ssh.
    *password_hash*: root's password, in the form of shadow(5).
    *hostname*: the name of the machine.
    *extra*: further system credentials, as (name, value).
    """

    ssh_key: str = ""
    password_hash: str = ""
    hostname: str = ""
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Credential:
    """One system credential (systemd.system-credentials(7)).

    *name*: the credential's name.
    *value*: its content.
    """

    name: str
    value: str

    def smbios(self) -> str:
        """Return the credential as an SMBIOS string of type 11; it is in base64, so any value
        passes."""
        encoded = base64.b64encode(self.value.encode()).decode()
        return f"io.systemd.credential.binary:{self.name}={encoded}"


def credentials(identity: Identity) -> tuple[Credential, ...]:
    """All credentials that *identity* means; a name occurs once, *extra* wins.

    Raises RequestError if a name is none that systemd accepts, a host name is no host name, or
    all together are larger than a machine can be told.
    """
    if identity.hostname and not HOSTNAME.fullmatch(identity.hostname):
        raise RequestError(f"'{identity.hostname}' is not a host name", hint="--hostname=web-1")
    key = identity.ssh_key.strip() + "\n" if identity.ssh_key.strip() else ""
    meant = {
        "passwd.hashed-password.root": identity.password_hash,
        "ssh.authorized_keys.root": key,
        "tmpfiles.extra": _tmpfiles(key) if key else "",
        "system.hostname": identity.hostname,
    }
    given = dict(identity.extra)
    if key and "tmpfiles.extra" in given:
        given["tmpfiles.extra"] = meant["tmpfiles.extra"] + given["tmpfiles.extra"]
    found = tuple(Credential(name, value) for name, value in {**meant, **given}.items() if value)
    for credential in found:
        if not NAME.fullmatch(credential.name):
            raise RequestError(f"'{credential.name}' is not the name of a credential")
    needed = sum(len(credential.smbios()) for credential in found)
    if needed > ROOM:
        raise RequestError(
            f"the credentials need {show(needed)}, a machine can be told {show(ROOM)}",
            hint="hand large files over through a port (--forward) or bake them in",
        )
    return found


def parse(text: str) -> tuple[str, str]:
    """Split NAME=VALUE; raise RequestError if there is no '='."""
    name, equals, value = text.partition("=")
    if not equals:
        raise RequestError(f"'{text}' is not NAME=VALUE", hint="--credential motd=hello")
    return name, value


def _tmpfiles(key: str) -> str:
    """Lines of tmpfiles.d(5) that write root's keys where there are none yet."""
    encoded = base64.b64encode(key.encode()).decode()
    return f"d /root/.ssh 0700 root root -\nf~ {KEYS} 0600 root root - {encoded}\n"
