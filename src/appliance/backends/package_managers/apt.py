"""Debian's packages, unpacked and configured by the image's own dpkg.

The order matters in a user namespace: base-files holds /proc and /sys, whose owner cannot be
changed once something is mounted there, so the essential packages are extracted before the first
script runs; dpkg then leaves those directories alone.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from appliance.backends.package_managers.model import LockedPackage
from appliance.errors import CommandError
from appliance.work import Jail, Work

MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")  # links to /usr, as usrmerge makes
DEBS = "/run/debs"
ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBCONF_NONINTERACTIVE_SEEN": "true",
    "INITRD": "No",  # the kernel's hook makes no initramfs: a step of ours does, once
    "SYSTEMD_OFFLINE": "1",
}
# Answers that keep services from starting, the initramfs from being made by a trigger and host
# keys from being made at all (invoke-rc.d(8), update-initramfs(8), openssh-server's postinst);
# removed when all is configured.
HOST_KEYS = {f"etc/ssh/ssh_host_{kind}_key": "" for kind in ("rsa", "ecdsa", "ed25519")}
READ_HOST_KEYS = frozenset(("dropbear",))  # its postinst converts those that are there
GUARDS = {
    "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
    "etc/initramfs-tools/update-initramfs.conf": "update_initramfs=no\n",
}
REFUSED = re.compile(rf"error processing archive ({DEBS}/\S+\.deb) \(--unpack\)")
DPKG = ("dpkg", "--force-unsafe-io", "--force-confdef", "--force-confold", "--no-triggers")
# update-alternatives(1) fails if there is no place for the link to a manual page: Java's, for one.
MANUALS = tuple(f"usr/share/man/man{section}" for section in range(1, 10))
DOCUMENTATION = ("doc", "man", "info", "groff", "lintian", "linda", "doc-base", "gtk-doc", "help")
TRANSLATIONS = ("locale", "i18n/locales", "qt4/translations", "qt5/translations")
KEPT_LOCALES = ("locale.alias", "C", "C.*", "en")
# What definitions of many languages include; without them locale-gen makes none.
SHARED_DEFINITIONS = ("iso14651_t1", "i18n", "translit_", "POSIX", "en_US", "en_GB")


class Apt:
    """Installs with dpkg what apt chose."""

    name = "apt"
    tools: tuple[str, ...] = ("apt-get", "apt-cache", "gpgv", "dpkg-deb", "tar", "zstd")
    shaping_tools: tuple[str, ...] = ()  # files are the same whoever unpacks them; dpkg is its own

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
        """Install *packages* by dpkg, as PackageManager.install says; there are no options of its
        own."""
        leave_out = left_out(documentation=documentation, languages=languages)
        self._prepare(work, seeds)
        if not documentation:
            for name in MANUALS:
                (work.tree.root / name).mkdir(parents=True, exist_ok=True)
        if foreign := architectures(packages):
            work.tree.write("var/lib/dpkg/arch", foreign)
        self._extract(work, [package for package in packages if package.essential], leave_out)
        for path, text in guards(packages).items():
            work.tree.write(path, text, mode=0o755)
        total = len(packages)
        names = [f"{DEBS}/{work.packages.find(package.sha256).name}" for package in packages]
        say = counter(work, "Unpacking ", total, "packages unpacked")
        self._unpack(work, packages, leave_out, names, say)
        say = counter(work, "Setting up ", total, "packages configured")
        self._dpkg(work, packages, ["--configure", "-a"], say)
        self._dpkg(work, packages, ["--triggers-only", "-a"])
        work.jail.run(["sh", "-eu"], stdin=TIDY, jail=Jail())

    def _prepare(self, work: Work, seeds: tuple[tuple[str, str], ...]) -> None:
        """Make an empty dpkg database and the links of the merged /usr."""
        root = work.tree.root
        for name in ("proc", "sys", "dev", "run", "etc", *(f"usr/{name}" for name in MERGED)):
            (root / name).mkdir(parents=True, exist_ok=True)
        for name in MERGED:
            (root / name).symlink_to(f"usr/{name}")
        for name in ("info", "updates", "triggers"):
            (root / "var/lib/dpkg" / name).mkdir(parents=True, exist_ok=True)
        for name in ("status", "available"):
            (root / "var/lib/dpkg" / name).touch()
        for path, text in seeds:
            work.tree.write(path, text)

    def _extract(
        self, work: Work, packages: Sequence[LockedPackage], leave_out: Sequence[str]
    ) -> None:
        """Unpack files only; dpkg unpacks these packages again, and sets what is left out right.

        In the sandbox too: a link that one package brings must lead the next nowhere else.
        """
        unwanted = [
            f"--exclude=.{option.removeprefix('--path-exclude=')}"
            for option in leave_out
            if option.startswith("--path-exclude=")
        ]
        files = [work.packages.find(package.sha256).name for package in packages]
        last = [work.packages.find(item.sha256).name for item in packages if item.name == BASE]
        script = EXTRACT.format(
            options=shlex.join(unwanted), cores=work.cores, last=" ".join(last), clock=work.clock
        )
        rest = "".join(f"{name}\n" for name in files if name not in last)
        jail = Jail(outside=True, binds=((work.packages.place, DEBS),))
        work.jail.run(["sh", "-c", script], stdin=rest, jail=jail)

    def _unpack(
        self,
        work: Work,
        packages: Sequence[LockedPackage],
        leave_out: Sequence[str],
        names: Sequence[str],
        say: Callable[[str], None],
    ) -> None:
        """Unpack the files *names* of *packages*, those last whose scripts want what they
        pre-depend on to be configured: few do, so that is found out by trying."""
        failed: list[str] = []

        def heard(line: str) -> None:
            say(line)
            failed.extend(REFUSED.findall(line))

        words = [*leave_out, "--force-depends", "--unpack"]
        try:
            self._dpkg(work, packages, [*words, *names], heard)
        except CommandError:
            if not failed:
                raise
            with suppress(CommandError):  # of those that depend on what is not unpacked yet
                self._dpkg(work, packages, ["--configure", "-a"])
            self._dpkg(work, packages, [*words, *failed], say)

    def _dpkg(
        self,
        work: Work,
        packages: Sequence[LockedPackage],
        words: Sequence[str],
        say: Callable[[str], None] | None = None,
    ) -> None:
        jail = Jail(binds=((work.packages.place, DEBS),))
        try:
            work.jail.run([*DPKG, *words], jail=jail, env=ENVIRONMENT, on_line=say)
        except CommandError as error:
            files = {work.packages.find(item.sha256).name: item.name for item in packages}
            tail = tuple(_by_name(line, files) for line in error.tail)
            raise CommandError(f"{_culprit(tail)} cannot be installed", tail=tail) from error


def architectures(packages: Sequence[LockedPackage]) -> str:
    """Return what dpkg is to know of architectures, its own first (dpkg(1), --add-architecture);
    empty if *packages* are all of one."""
    own = next((item.architecture for item in packages if item.name == "dpkg"), "")
    others = sorted({item.architecture for item in packages} - {own, "all"})
    return "".join(f"{name}\n" for name in (own, *others)) if own and others else ""


def counter(work: Work, word: str, total: int, unit: str) -> Callable[[str], None]:
    """Turn dpkg's lines that begin with *word* into progress."""
    done = 0

    def say(line: str) -> None:
        nonlocal done
        if line.startswith(word):
            done += 1
            work.progress(min(done, total), total, unit)

    return say


def left_out(*, documentation: bool, languages: tuple[str, ...] | None) -> list[str]:
    """List dpkg's options for files not to unpack (dpkg(1)); copyright files stay."""
    options: list[str] = []
    if not documentation:
        options += [f"--path-exclude=/usr/share/{name}/*" for name in DOCUMENTATION]
        options += ["--path-include=/usr/share/doc/*/copyright"]
    if languages is not None:
        options += [f"--path-exclude=/usr/share/{name}/*" for name in TRANSLATIONS]
        options += ["--path-exclude=/usr/share/man/??/*", "--path-exclude=/usr/share/man/??_*/*"]
        kept = [*KEPT_LOCALES, *(name for language in languages for name in _names(language))]
        options += [f"--path-include=/usr/share/locale/{name}*" for name in dict.fromkeys(kept)]
        defined = [*SHARED_DEFINITIONS, *(language.partition(".")[0] for language in languages)]
        options += [
            f"--path-include=/usr/share/i18n/locales/{name}*" for name in dict.fromkeys(defined)
        ]
    return options


def _names(language: str) -> tuple[str, ...]:
    """The directories that hold a language's translations: de_DE.UTF-8 → de_DE, de."""
    territory = language.partition(".")[0]
    return (f"{territory}/", f"{territory.partition('_')[0]}/")


def _by_name(line: str, files: Mapping[str, str]) -> str:
    """*line* with our names of package *files* replaced by what people call them."""
    return re.sub(
        rf"{DEBS}/(\w+\.deb)", lambda found: files.get(found.group(1), found.group()), line
    )


def guards(packages: Sequence[LockedPackage]) -> dict[str, str]:
    """Return the text of each guard that stands while *packages* are configured, by its path."""
    read = not READ_HOST_KEYS.isdisjoint(package.name for package in packages)
    return GUARDS if read else {**HOST_KEYS, **GUARDS}


def _culprit(tail: Sequence[str]) -> str:
    """Return the package that dpkg blames for its failure."""
    for line in reversed(tail):
        found = re.search(r"error processing (?:package|archive) (\S+)", line)
        if found:
            return f"package {found.group(1)}"
    return "a package"


# base-files comes last and by itself, so that its modes of shared directories are what stays, and
# all directories get one time: it does not matter which of two that are unpacked at once is later.
BASE = "base-files"
EXTRACT = """
set -eu
cd /run/debs
cat > /tmp/extract <<'END'
dpkg-deb --fsys-tarfile "$1" |
    tar -x -C /mnt/sysimage --keep-directory-symlink {options}
END
xargs -r -n 1 -P {cores} sh /tmp/extract
for package in {last}; do sh /tmp/extract "$package"; done
find /mnt/sysimage -xdev -type d -exec touch -d @{clock} {{}} +
"""

# Conffiles that a guard stood for come back; what differs from build to build goes.
TIDY = """
rm -f /usr/sbin/policy-rc.d
conf=/etc/initramfs-tools/update-initramfs.conf
rm -f $conf
if [ -e $conf.dpkg-dist ]; then mv $conf.dpkg-dist $conf; fi
if [ -e $conf.dpkg-new ]; then mv $conf.dpkg-new $conf; fi
rm -f /etc/ssh/ssh_host_*
rmdir --ignore-fail-on-non-empty /etc/initramfs-tools /etc/ssh 2>/dev/null || true
for link in lib32 libx32; do
    rmdir /usr/$link 2>/dev/null && rm /$link || true
done
rm -f /var/lib/dpkg/*-old /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache
"""
