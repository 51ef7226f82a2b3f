"""Scripts of converted packages, and relations that Debian's do not say."""

import re
from collections.abc import Callable, Sequence

from . import grub, kernel
from .names import ID
from .rpm_file import SHELL, Package, Trigger, provided_by_sysusers
from .rpm_header import EQUAL, SCRIPT_POST, SCRIPT_PRE, Relation

# Every installation has them, and scripts take their programs for granted.
FIRST = ("filesystem", "setup", "glibc", "bash", f"{ID}-release", "systemd")
UNIT = re.compile(r"/usr/lib/systemd/system/([^/@]+\.(?:service|socket|timer|path|target|mount))$")
SYSUSERS = re.compile(r"/usr/lib/sysusers\.d/[^/]+\.conf$")
PRESET = """if [ $1 -eq 1 ] && [ -x /usr/bin/systemctl ]; then
    systemctl --no-reload preset {units} || :
fi
"""
DISABLE = """if [ $1 -eq 0 ] && [ -x /usr/bin/systemctl ]; then
    systemctl --no-reload disable --now --no-warn {units} || :
fi
"""
# A root is empty before its first package: only rpm's own Lua can run.
MAKE_ROOT = """for _, path in ipairs({"/usr", "/usr/bin", "/usr/lib", "/usr/lib64", "/run", "/proc",
        "/sys", "/var"}) do
    posix.mkdir(path)
end
for path, target in pairs({["/bin"] = "usr/bin", ["/sbin"] = "usr/sbin", ["/usr/sbin"] = "bin",
        ["/lib"] = "usr/lib", ["/lib64"] = "usr/lib64", ["/var/run"] = "../run"}) do
    posix.symlink(target, path)
end
posix.chmod("/proc", 0555)
posix.chmod("/sys", 0555)
return 0
"""
START_SYSTEMD = """systemd-machine-id-setup >/dev/null 2>&1 || :
if [ $1 -eq 1 ]; then
    systemctl preset-all >/dev/null 2>&1 || :
    systemctl --global preset-all >/dev/null 2>&1 || :
    units=/usr/lib/systemd/system
    [ -e /etc/systemd/system/default.target ] ||
        ln -sf $units/multi-user.target /etc/systemd/system/default.target
fi
"""
COLLECT_CERTIFICATES = """mkdir -p /etc/ssl/certs
cat /usr/share/ca-certificates/mozilla/*.crt > /etc/ssl/certs/ca-certificates.crt || :
"""
BUILD_POLICY = """cd /usr/share/selinux/targeted || exit 0
mods=
for f in *.pp *.pp.bz2; do
    case $f in base.pp*|'*'*) ;; *) mods="$mods -i $f" ;; esac
done
semodule -N -s targeted -X 100 -i base.pp* $mods || :
"""


def make_root(package: Package) -> None:
    """What makes `filesystem` the first of all packages."""
    package.requires, package.recommends = [Relation("setup", SCRIPT_PRE)], []
    package.scripts["pretrans"] = ("<lua>", MAKE_ROOT)


def _setup(package: Package) -> None:
    package.requires, package.recommends = [Relation("system-release")], []


def _glibc_common(package: Package) -> None:
    places = ("/lib", "/usr/lib", "/lib64", "/usr/lib64")
    package.triggers.append(Trigger(places, 2000000, "/sbin/ldconfig || :\n"))
    package.scripts["post"] = ("/sbin/ldconfig", "")
    package.require("glibc", flags=SCRIPT_POST)
    package.provide("/sbin/ldconfig")


def bash(package: Package) -> None:
    """Names under which others ask for the shell."""
    package.require("filesystem", "glibc", "glibc-common")
    package.provide(SHELL, "/bin/bash", "/usr/bin/sh")


def _systemd(package: Package) -> None:
    package.triggers += [
        Trigger((place,), priority, f"{command} || :\n")
        for place, priority, command in (
            # rpm before 4.19 makes no users by itself.
            ("/usr/lib/sysusers.d", 1000700, "systemd-sysusers"),
            ("/usr/lib/udev/hwdb.d", 1000600, "systemd-hwdb update"),
            ("/usr/lib/systemd/catalog", 1000500, "journalctl --update-catalog"),
            ("/usr/lib/tmpfiles.d", 1000400, "systemd-tmpfiles --create"),
        )
    ]
    package.shell("post", START_SYSTEMD)
    package.require("coreutils", flags=SCRIPT_POST)
    package.require("shadow-utils")
    package.requires.append(Relation("systemd-shared", EQUAL, package.evr))
    package.provide("syslog", "systemd-sysv")


def _grub2_tools(package: Package) -> None:
    parts = ("grub2-common", "grub2-tools-minimal", "grub2-tools-extra")
    package.provide(*parts, version=package.evr)
    package.require("bash", "coreutils", "util-linux")


def _dracut(package: Package) -> None:
    words = (
        "bash coreutils cpio kmod systemd-udev util-linux grep sed findutils gzip zstd procps-ng"
    )
    package.require(*words.split())


def _ca_certificates(package: Package) -> None:
    package.shell("post", COLLECT_CERTIFICATES)
    package.require("coreutils", flags=SCRIPT_POST)


def _selinux_policy(package: Package) -> None:
    package.provide("selinux-policy", version=package.evr)
    package.require("policycoreutils", flags=SCRIPT_POST)
    package.shell("post", BUILD_POLICY)


FINISH: dict[str, Callable[[Package], None]] = {
    "setup": _setup,
    "filesystem": make_root,
    "glibc": lambda package: package.require("filesystem", flags=SCRIPT_PRE),
    "glibc-common": _glibc_common,
    "bash": bash,
    "kernel-core": kernel.finish_core,
    "kernel-modules": kernel.finish_modules,
    "kernel-modules-core": kernel.finish_modules,
    "systemd": _systemd,
    "grub2-tools": _grub2_tools,
    "dracut": _dracut,
    "rpm": lambda package: package.require("coreutils"),
    "ca-certificates": _ca_certificates,
    "selinux-policy-targeted": _selinux_policy,
}


def finish(package: Package, *, efi_in_usr: bool) -> None:
    """Add what the distribution says about the *package* besides its files."""
    units = sorted(_units(package))
    if units and package.name not in FIRST:
        package.shell("post", PRESET.format(units=" ".join(units)))
        package.shell("preun", DISABLE.format(units=" ".join(units)))
        package.order.append(Relation("systemd", SCRIPT_POST))
    for file in package.files:
        if SYSUSERS.match(file.path):
            package.provides += provided_by_sysusers(file.data.decode())
    if package.name in FINISH:
        FINISH[package.name](package)
    if package.name == "shim-x64" and efi_in_usr:
        grub.keep_in_usr(package)


def _units(package: Package) -> Sequence[str]:
    """The units that can be enabled."""
    return [
        match[1]
        for file in package.files
        if (match := UNIT.match(file.path)) and b"\n[Install]" in file.data
    ]
