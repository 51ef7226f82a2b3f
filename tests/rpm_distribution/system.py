"""Packages that make a distribution, and that Debian does not have."""

from pathlib import Path

from . import grub
from .names import ID, NAME, RELEASE, VERSION
from .places import EFI
from .rpm_file import Package, directory, regular, symlink
from .rpm_header import EQUAL, GHOST, IS_CONFIG, MISSING_OK, NO_REPLACE, Relation

OS_RELEASE = f"""NAME="{NAME}"
VERSION="{VERSION}"
ID={ID}
ID_LIKE="fedora"
VERSION_ID={VERSION}
PLATFORM_ID="platform:tl{VERSION}"
PRETTY_NAME="{NAME} {VERSION}"
ANSI_COLOR="0;34"
CPE_NAME="cpe:/o:{ID}:{ID}:{VERSION}"
DEFAULT_HOSTNAME="{ID}"
"""
ENABLED = """getty@.service sshd.service sshd-keygen.service chronyd.service NetworkManager.service
    NetworkManager-dispatcher.service dbus-broker.service dbus.socket
    systemd-resolved.service systemd-network-generator.service systemd-pstore.service
    remote-fs.target reboot.target fstrim.timer firewalld.service qemu-guest-agent.service"""
DISABLED = """systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service
    systemd-sysext.service systemd-confext.service systemd-journald-audit.socket"""
PRESETS = "".join(
    [f"enable {unit}\n" for unit in ENABLED.split()]
    + [f"disable {unit}\n" for unit in DISABLED.split()]
)
REPOSITORY = f"""[{ID}]
name={NAME} $releasever - $basearch
baseurl=https://repositories.example.org/{ID}/$releasever/$basearch/
enabled=1
countme=1
metadata_expire=7d
repo_gpgcheck=0
type=rpm
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-{ID}-$releasever-$basearch
skip_if_unavailable=False
"""
CONFIGURATION = {"flags": IS_CONFIG | NO_REPLACE}
CPE = f"cpe:/o:{ID}:{ID}:{VERSION}\n"


def own(name: str, summary: str, version: str = VERSION, arch: str = "noarch") -> Package:
    """A package of ours with nothing in it yet."""
    return Package(name, version, RELEASE, arch=arch, summary=summary, vendor=NAME)


def identity(public: str) -> list[Package]:
    """What the system is called, where its packages are, and whose signature they have."""
    release = own(f"{ID}-release", f"Release files of {NAME}")
    presets = "/usr/lib/systemd/system-preset"
    release.files = [
        regular("/usr/lib/os-release", OS_RELEASE),
        symlink("/etc/os-release", "../usr/lib/os-release"),
        regular(f"/etc/{ID}-release", f"{NAME} release {VERSION}\n"),
        symlink("/etc/system-release", f"{ID}-release"),
        regular("/etc/system-release-cpe", CPE),
        regular("/etc/issue", f"{NAME} {VERSION}\nKernel \\r on \\m (\\l)\n\n", **CONFIGURATION),
        regular("/etc/issue.net", f"{NAME} {VERSION}\n", **CONFIGURATION),
        directory(presets),
        regular(f"{presets}/85-{ID}.preset", PRESETS),
        regular(f"{presets}/99-default-disable.preset", "disable *\n"),
    ]
    release.provide("system-release", "system-release(releasever)", version=VERSION)
    release.provide(f"{ID}-release-common", f"base-module(platform:tl{VERSION})")
    release.require(f"{ID}-repos({VERSION})")

    repos = own(f"{ID}-repos", "Package repositories")
    repos.files = [directory(f"/etc/{name}") for name in ("yum.repos.d", "dnf", "dnf/vars")]
    repos.files.append(regular(f"/etc/yum.repos.d/{ID}.repo", REPOSITORY, **CONFIGURATION))
    repos.provide(f"{ID}-repos({VERSION})")
    repos.requires.append(Relation("system-release", EQUAL, VERSION))
    repos.require(f"{ID}-gpg-keys")

    keys = own(f"{ID}-gpg-keys", "Signing keys")
    place, primary = "/etc/pki/rpm-gpg", f"RPM-GPG-KEY-{ID}-{VERSION}-primary"
    keys.files = [
        directory("/etc/pki"),
        directory(place),
        regular(f"{place}/{primary}", public),
        symlink(f"{place}/RPM-GPG-KEY-{ID}-{VERSION}-x86_64", primary),
    ]
    return [release, repos, keys]


def basesystem() -> Package:
    """The package without files that Fedora's @core begins with."""
    package = own("basesystem", "The skeleton package")
    package.require("setup", "filesystem")
    return package


def kernel(version: str, release: str) -> Package:
    """The package without files that stands for all of a kernel."""
    package = Package("kernel", version, release, summary="The Linux kernel", vendor=NAME)
    parts = ("kernel-core", "kernel-modules", "kernel-modules-core")
    package.requires = [Relation(name, EQUAL, f"{version}-{release}") for name in parts]
    package.provide("installonlypkg(kernel)")
    return package


def dracut_configurations() -> list[Package]:
    """An initramfs for any machine, and one for rescue."""
    place = "/usr/lib/dracut/dracut.conf.d"
    generic = own("dracut-config-generic", "dracut: an initramfs that boots anywhere")
    generic.files = [regular(f"{place}/02-generic-image.conf", 'hostonly="no"\n')]
    rescue = own("dracut-config-rescue", "dracut: an initramfs for rescue")
    rescue.files = [regular(f"{place}/02-rescue.conf", 'dracut_rescue_image="yes"\n')]
    for package in (generic, rescue):
        package.require("dracut")
    return [generic, rescue]


def boot_loaders(debs: dict[str, Path], *, efi_in_usr: bool) -> list[Package]:
    """GRUB for BIOS and for UEFI machines."""
    bios = own("grub2-pc", "GRUB for BIOS machines", arch="x86_64")
    bios.require("grub2-tools", "grub2-pc-modules")
    bios.provide("grub2", "bootloader")
    uefi = own("grub2-efi-x64", "GRUB for UEFI machines", arch="x86_64")
    place = f"{EFI}/{ID}"
    flags = IS_CONFIG | NO_REPLACE | GHOST | MISSING_OK
    uefi.files = [
        directory(EFI, 0o700),
        directory(place, 0o700),
        regular(f"{place}/grubx64.efi", grub.program(debs), 0o700),
        regular(f"{place}/grub.cfg", "", 0o700, flags=flags),
    ]
    uefi.require("grub2-tools")
    uefi.provide("grub2-efi", "bootloader")
    if efi_in_usr:
        grub.keep_in_usr(uefi)
    return [bios, uefi]
