"""Take packages out of a tree, by an rpm that is not the tree's: it may be among those that go."""

import shlex
from collections.abc import Sequence

from appliance.work import Jail, Work

DATABASES = ("usr/lib/sysimage/rpm", "var/lib/rpm")
FILES = ("rpmdb.sqlite", "Packages", "Packages.db")
PLUGINS = ("systemd_inhibit", "selinux", "audit", "dbus_announce", "unshare", "syslog")
ENVIRONMENT = {"RPM_FORCE_DEBIAN": "1", "HOME": "/tmp"}


def installed(work: Work) -> list[str]:
    """The names of all packages in the image; none if it has no rpm database."""
    if not _database(work):
        return []
    said = _rpm(work, ["-qa", "--qf", "%{NAME}\\n"])
    return sorted({line for line in said.splitlines() if line and line != "gpg-pubkey"})


def erase(work: Work, names: Sequence[str]) -> None:
    """Remove packages, whatever depends on them; their scripts run. Raises CommandError."""
    _rpm(work, ["-e", "--nodeps", "--allmatches", *names])


def _database(work: Work) -> str:
    return next(
        (
            place
            for place in DATABASES
            if any((work.tree.inside(f"/{place}") / file).exists() for file in FILES)
        ),
        "",
    )


def _rpm(work: Work, words: Sequence[str]) -> str:
    defined = [f"--define=_dbpath /{_database(work)}"]
    defined += [f"--define=__transaction_{name} %{{nil}}" for name in PLUGINS]
    argv = ["rpm", "--root=/mnt/sysimage", *defined, *words]
    jail = Jail(outside=True, furnished=True)
    script = f"exec {shlex.join(argv)}"
    return work.jail.run(["sh", "-c", script], jail=jail, env=ENVIRONMENT)
