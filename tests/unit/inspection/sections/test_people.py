"""Who can log in, by passwd, shadow, keys and sudo's rules."""

from collections.abc import Callable, Mapping

import pytest

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.sections.people import people

PASSWD = """\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1::/usr/sbin:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
ann:x:1000:1000:Ann:/home/ann:/bin/bash
ben:x:1001:1001::/home/ben:/bin/bash
cat:x:1002:1002::/home/cat:/bin/bash
eve::1003:1003::/home/eve:
old:x:1004:1004::/home/old:/bin/bash
new:x:1005:1005::/home/new:/bin/bash
nobody:x:65534:65534::/:/usr/sbin/nologin
broken:x:notanumber:0::/:/bin/sh
"""
SHADOW = """\
root:!:19000:0:99999:7:::
daemon:*:19000:0:99999:7:::
sync:*:19000:0:99999:7:::
ann:$y$j9T$abc$def:19000:0:99999:7:::
ben:!$6$abc$def:19000:0:99999:7:::
cat:*:19000:0:99999:7:::
old:$6$abc$def:19000:0:99999:7::1:
new:$5$abc$def:0:0:99999:7:::
"""
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb7tCxnrKkrWDEuqh3sN7BLIvUdPRXhrYQG8lRQ1bDe ann@home"
SYSTEM = {
    "/etc/passwd": PASSWD,
    "/etc/shadow": SHADOW,
    "/etc/group": "root:x:0:\nsudo:x:27:ben\nann:x:1000:\ncat:x:1002:\n",
    "/etc/sudoers": "Defaults env_reset\nroot ALL=(ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n",
    "/etc/sudoers.d/ann": "ann ALL=(ALL) NOPASSWD: ALL\n",
    "/etc/sudoers.d/ann.bak": "cat ALL=(ALL) ALL\n",
    "/home/cat/.ssh/authorized_keys": f"# {KEY}\nfrom=\"10.0.0.0/8\" {KEY}\nrubbish\n",
}  # fmt: skip
Made = Callable[[Mapping[str, str]], Catalogue]


def test_everybody_is_told_who_can_log_in_or_could(made: Made) -> None:
    found = {user.name: user for user in people(made(SYSTEM))}
    assert set(found) == {"root", "ann", "ben", "cat", "eve", "old", "new"}
    assert {name for name, user in found.items() if user.logs_in} == {"ann", "cat", "eve", "new"}


@pytest.mark.parametrize(
    ("name", "password", "kind"),
    [
        ("root", "locked", ""), ("ann", "set", "yescrypt"), ("ben", "locked", ""),
        ("cat", "locked", ""), ("eve", "none", ""), ("old", "set", "sha512"),
        ("new", "expired", "sha256"),
    ],
)  # fmt: skip
def test_how_passwords_are_kept(made: Made, name: str, password: str, kind: str) -> None:
    [user] = [user for user in people(made(SYSTEM)) if user.name == name]
    assert (user.password, user.hash) == (password, kind)


def test_who_may_become_root(made: Made) -> None:
    found = {user.name: user.administers for user in people(made(SYSTEM)) if user.administers}
    assert found == {
        "root": "is root",
        "ann": "sudo for ann, without a password",
        "ben": "sudo for %sudo",
    }


def test_keys_are_told_as_ssh_keygen_does(made: Made) -> None:
    [user] = [user for user in people(made(SYSTEM)) if user.name == "cat"]
    [key] = user.keys
    kind, fingerprint, comment = key.split(" ")
    assert (kind, comment) == ("ssh-ed25519", "ann@home")
    assert fingerprint.startswith("SHA256:")
    assert len(fingerprint) == len("SHA256:") + 43


def test_an_image_without_users_has_none(made: Made) -> None:
    assert people(made({"/etc/hostname": "a\n"})) == ()
