"""The size that boots: what of Debian is in it, and its repositories."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from . import system
from .comps import Environment, Group
from .convert import convert
from .debian import Wanted
from .names import ID, KERNEL, is_primary, rpm_name
from .relations import Names, split_version
from .repository import Maker
from .rpm_file import Package

SEEDS = """base-files base-passwd bash coreutils diffutils util-linux bsdutils mount login passwd
    login.defs libc-bin ncurses-base ncurses-bin sed grep gawk findutils tar gzip xz-utils
    zstd hostname systemd systemd-sysv udev libpam-systemd libnss-systemd dbus-broker
    dbus-system-bus-common kmod procps less iproute2 linux-image-cloud-amd64 dracut
    dracut-core cpio grub2-common grub-pc-bin e2fsprogs libpam-runtime libpam-modules
    tzdata kbd iputils-ping openssh-server openssh-client sudo network-manager
    systemd-resolved grub-efi-amd64-bin grub-efi-amd64-unsigned shim-signed
    shim-helpers-amd64-signed efibootmgr dosfstools xfsprogs btrfs-progs parted chrony
    vim-tiny rsync curl ca-certificates cloud-guest-utils qemu-guest-agent policycoreutils
    selinux-utils rpm systemd-boot-efi dnf firewalld selinux-policy-default semodule-utils
    authselect python3 cryptsetup-bin lvm2 nftables"""
CORE = f"""basesystem bash coreutils diffutils {ID}-release filesystem setup glibc glibc-common
    util-linux shadow-utils systemd systemd-udev systemd-pam dbus-broker procps-ng iproute2
    iputils less openssh-server openssh-clients sudo NetworkManager e2fsprogs gawk sed grep
    findutils tar gzip xz hostname kbd ncurses ncurses-base pam tzdata vim-minimal rpm curl
    policycoreutils libselinux-utils ca-certificates libnss-systemd"""
BARE = f"""basesystem bash coreutils filesystem setup glibc glibc-common util-linux shadow-utils
    systemd systemd-udev systemd-pam dbus-broker procps-ng less gawk sed grep findutils tar gzip
    e2fsprogs pam hostname kbd ncurses-base iproute2 {ID}-release"""
GROUPS = (
    Group("core", "Core", CORE, "systemd-resolved chrony dracut-config-rescue",
          "parted btrfs-progs dnf"),
    Group("bare", "Bare", BARE),
    Group("standard", "Standard", "rsync parted", "xfsprogs btrfs-progs", "dosfstools"),
    Group("guest-agents", "Guest Agents", "qemu-guest-agent"),
    Group("hardware-support", "Hardware Support", optional="lvm2 cryptsetup"),
    Environment("minimal-environment", "Minimal Install", "core", "standard guest-agents"),
    Environment("server-product-environment", "Server", "core standard", "guest-agents"),
)  # fmt: skip


def converted(debs: Mapping[str, Path], *, efi_in_usr: bool) -> list[Maker]:
    """What makes packages of *debs*, the longest work first."""
    names = Names(frozenset(debs))
    merged: defaultdict[str, list[str]] = defaultdict(list)
    for deb in sorted(debs):
        if name := rpm_name(deb):
            merged[name].append(deb)

    def one(name: str) -> Maker:
        found = sorted(merged[name], key=lambda deb: (not is_primary(deb, name), deb))
        return lambda: convert(name, [debs[deb] for deb in found], names, efi_in_usr=efi_in_usr)

    def size(name: str) -> int:
        return sum(debs[deb].stat().st_size for deb in merged[name])

    return [one(name) for name in sorted(merged, key=lambda name: (-size(name), name))]


def ours(
    debs: Mapping[str, Path], closure: tuple[Wanted, ...], public: str, *, efi_in_usr: bool
) -> list[Package]:
    """The packages that Debian does not have."""
    kernel = split_version(next(item.version for item in closure if KERNEL.match(item.name)))
    return [
        *system.identity(public),
        system.basesystem(),
        system.kernel(kernel.version, kernel.release),
        *system.dracut_configurations(),
        *system.boot_loaders(dict(debs), efi_in_usr=efi_in_usr),
    ]
