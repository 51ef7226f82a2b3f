"""RPM packages, installed by dnf 4 or dnf5 into a tree that is not the host's.

dnf is given the locked files and nothing else: no repository, no network. It runs beside the
tree; rpm enters the tree for each scriptlet.
"""

import re
import shlex
from collections import deque
from collections.abc import Mapping, Sequence

from appliance.backends.package_managers import dnf_records
from appliance.backends.package_managers.model import OWN_RPM, LockedPackage
from appliance.errors import CommandError
from appliance.work import Jail, Work

RPMS = "/run/packages"
DATABASE = "usr/lib/sysimage/rpm"
# The kernel's own step and the hardware database are made once, by scripts of the family.
ENVIRONMENT = {
    "HOME": "/tmp",
    "RPM_FORCE_DEBIAN": "1",
    "KERNEL_INSTALL_BYPASS": "1",
    "SYSTEMD_HWDB_UPDATE_BYPASS": "1",
    "SYSTEMD_OFFLINE": "1",
    "SYSTEMD_IN_CHROOT": "1",
}
# Plugins of the host's rpm, which would look at the host; what is not there does no harm.
PLUGINS = (
    *("audit", "dbus_announce", "fapolicyd", "fsverity", "ima", "prioreset"),
    *("selinux", "syslog", "systemd_inhibit", "unshare"),
)
DONE = re.compile(r"^\s*Installing\s*:.*\s(\d+)/(\d+)\s*$|^\[\s*(\d+)/(\d+)\] Installing ")
STEP = re.compile(
    r"^\s*(Installing|Upgrading|Running scriptlet|Verifying|Preparing|Cleanup)\s*:|^\[\s*\d+/\d+\] "
)
FAILED = re.compile(
    r"(?:%(?P<kind>\w+)\((?P<package>\S+)\) scriptlet failed"
    r"|[Ee]rror in %?(?P<kind5>\w+) scriptlet[^:]*: (?P<package5>\S+)"
    r"|Error in (?P<kind4>\w+) scriptlet in rpm package (?P<package4>\S+))"
)
NOBODY = re.compile(r"(user|group) (\S+) does not exist - using root")


class DnfManager:
    """Installs packages with dnf 4 or dnf5, whichever of the two there is."""

    name = "dnf"
    tools: tuple[str, ...] = ("dnf", "rpm", "rpmkeys")
    shaping_tools: tuple[str, ...] = ("dnf", "rpm")

    def install(
        self,
        work: Work,
        packages: tuple[LockedPackage, ...],
        *,
        documentation: bool,
        languages: tuple[str, ...] | None,
        seeds: tuple[tuple[str, str], ...],
        options: Mapping[str, str],
    ) -> None:
        """Install *packages* by dnf, as PackageManager.install says.

        *options* are database (where rpm keeps its own in the image), release (its $releasever) and
        OWN_RPM, if the image's own rpm has to make the database, since it reads no other.
        """
        for path, text in seeds:
            work.tree.write(path, text)
        database = options.get("database", DATABASE)
        listen = _Listener(work, len(packages))
        script = SCRIPT.format(
            macros=_macros(database, documentation=documentation, languages=languages),
            release=shlex.quote(options.get("release", "")),
        )
        files = "".join(f"{RPMS}/{work.packages.find(item.sha256).name}\n" for item in packages)
        jail = Jail(outside=True, furnished=True, binds=((work.packages.place, RPMS),))
        try:
            work.jail.run(
                ["sh", "-c", script], stdin=files, jail=jail, env=ENVIRONMENT, on_line=listen
            )
        except CommandError as error:
            raise listen.failure() or _by_name(error, work, packages) from error
        failure = listen.failure()
        if failure:
            raise failure
        dnf_records.settle(work, packages, database)
        if OWN_RPM in options.items():
            _register(work, files, database)


def _register(work: Work, files: str, database: str) -> None:
    """Have the image's own rpm make its database anew of the packages in *files*, a path a line.
    Without an rpm in the image nobody reads one. Raises CommandError if rpm fails."""
    place = shlex.quote(f"/{database}")
    jail = Jail(binds=((work.packages.place, RPMS),))
    work.jail.run(["sh", "-c", REGISTER.format(place=place)], stdin=files, jail=jail)


# Only the headers are read: what the packages hold is there, and their scripts have run.
REGISTER = """
set -eu
command -v rpm > /dev/null || exit 0
rm -rf {place}/* {place}/.rpm.lock
xargs rpm -U --justdb --nodeps --noscripts --notriggers --nosignature --nodigest --ignoresize \\
    --ignorearch --ignoreos --force
rm -f {place}/__db.* {place}/.rpm.lock {place}/.dbenv.lock
"""


class _Listener:
    """Hears what dnf prints: how far it is, and which scriptlet failed with what words."""

    def __init__(self, work: Work, total: int) -> None:
        self.work, self.total = work, total
        self.before: deque[str] = deque(maxlen=6)
        self.failed, self.speaks = "", False
        self.tail: list[str] = []
        self.nobody: set[str] = set()

    def __call__(self, line: str) -> None:
        progress = DONE.match(line)
        if progress:
            done = int(progress[1] or progress[3])
            self.work.progress(min(done, self.total), self.total, "packages installed")
        found = FAILED.search(line)
        if found and not self.failed:
            kind = found["kind"] or found["kind5"] or found["kind4"]
            package = found["package"] or found["package5"] or found["package4"]
            self.failed = f"%{SHORT.get(kind.lower(), kind.lower())} of {package}"
            self.tail = [*self.before]
            self.speaks = True
        missing = NOBODY.search(line)
        if missing and missing[2] not in self.nobody:
            self.nobody.add(missing[2])
            self.work.note(
                f"there is no {missing[1]} {missing[2]}: root owns what packages gave to it "
                "(rpm before 4.19 makes no accounts: --tools auto has a newer one)"
            )
        if STEP.match(line):
            self.before.clear()
            self.speaks = False
        elif line.strip():
            self.before.append(line)
            if self.speaks and len(self.tail) < MOST_WORDS:  # dnf5 says afterwards why
                self.tail.append(line)

    def failure(self) -> CommandError | None:
        """The error for the scriptlet that failed first, if one did."""
        if not self.failed:
            return None
        return CommandError(
            f"{self.failed} failed",
            tail=tuple(self.tail),
            hint="leave that package out, or tell those who make it",
        )


MOST_WORDS = 15  # lines of a failed scriptlet that people see; the log has all
SHORT = {"postin": "post", "prein": "pre"}  # rpm's words, and those of a spec file


def _by_name(error: CommandError, work: Work, packages: Sequence[LockedPackage]) -> CommandError:
    """*error* with our names of package files replaced by what people call them."""
    names = {
        work.packages.find(item.sha256).name: f"{item.name}-{item.version}" for item in packages
    }
    said = [line for line in error.tail if line.strip()]
    first = next((at for at, line in enumerate(said) if re.match("[Ee]rror", line)), 0)
    tail = tuple(
        re.sub(rf"{RPMS}/(\w+\.rpm)", lambda found: names.get(found[1], found[0]), line)
        for line in said[first:]
    )
    return CommandError(
        "dnf cannot install the packages", tail=tail, hint="the build log has all that dnf said"
    )


def _macros(database: str, *, documentation: bool, languages: tuple[str, ...] | None) -> str:
    """What rpm is told: the target's database, no checks that were made at arrival."""
    says = {"_dbpath": f"/{database}", "_pkgverify_level": "none", "_netsharedpath": "%{nil}"}
    says |= {f"__transaction_{name}": "%{nil}" for name in PLUGINS}
    if not documentation:
        says["_excludedocs"] = "1"
    if languages is not None:
        says["_install_langs"] = ":".join(languages) or "%{nil}"
    return "".join(f"%{name} {value}\n" for name, value in says.items())


SCRIPT = """
set -eu
mkdir -p /etc/rpm /tmp/state/log /tmp/state/cache
cat > /etc/rpm/macros <<'END'
{macros}END
cat > /tmp/state/dnf.conf <<'END'
[main]
reposdir=/dev/null
pluginpath=/dev/null
plugins=0
gpgcheck=0
localpkg_gpgcheck=0
best=1
install_weak_deps=0
END
dnf=dnf
options=
if command -v dnf5 > /dev/null; then
    dnf=dnf5 options=--setopt=system_cachedir=/tmp/state/cache
fi
release={release}
xargs -x -n 100000 -s 2000000 $dnf -y --config=/tmp/state/dnf.conf --installroot=/mnt/sysimage \\
    --setopt=cachedir=/tmp/state/cache --setopt=logdir=/tmp/state/log $options \\
    --setopt=reposdir=/dev/null --setopt=varsdir=/dev/null \\
    ${{release:+--releasever=$release}} install
"""
