"""What kernel-install runs in the distribution, and the scripts of the kernel's packages.

Modelled on Fedora's kernel.spec and grub2 (20-grub.install): nothing is in /boot before
kernel-install has run, which kernel-core's %posttrans does.
"""

import re
from collections.abc import Iterable

from .rpm_file import File, Package, regular
from .rpm_header import EQUAL, GHOST, MISSING_OK, SCRIPT_POST, Relation

# kernel and boot loader entry in /boot
INSTALL_KERNEL = r"""#!/bin/bash
[ -n "$KERNEL_INSTALL_MACHINE_ID" ] || exit 0
[ "${KERNEL_INSTALL_LAYOUT:-other}" = other ] || exit 0
cmd=$1 kver=$2 image=$4
entry="/boot/loader/entries/$KERNEL_INSTALL_MACHINE_ID-$kver.conf"
case $cmd in
add)
    dir=${image%/*}
    for f in vmlinuz config System.map; do
        [ -e "$dir/$f" ] && cp -a --reflink=auto "$dir/$f" "/boot/$f-$kver"
    done
    . /etc/os-release
    opts=
    for c in /etc/kernel/cmdline /usr/lib/kernel/cmdline /proc/cmdline; do
        [ -r "$c" ] && { opts=$(tr '\n' ' ' < "$c"); break; }
    done
    mkdir -p -m 0700 /boot/loader/entries
    prefix=/boot
    mountpoint -q /boot && prefix=
    {   echo "title $NAME ($kver) $VERSION"
        echo "version $kver"
        echo "linux $prefix/vmlinuz-$kver"
        echo "initrd $prefix/initramfs-$kver.img"
        echo "options ${opts% }"
        echo "grub_users \$grub_users"
        echo "grub_arg --unrestricted"
        echo "grub_class $ID"
    } > "$entry" ;;
remove)
    rm -f "$entry" /boot/{vmlinuz,config,System.map}-"$kver" ;;
esac
exit 0
"""
# the initramfs that dracut's own plugin staged
INSTALL_INITRAMFS = r"""#!/bin/bash
[ "${KERNEL_INSTALL_LAYOUT:-other}" = other ] || exit 0
case $1 in
add)
    [ -e "$KERNEL_INSTALL_STAGING_AREA/initrd" ] || exit 0
    install -m 0600 "$KERNEL_INSTALL_STAGING_AREA/initrd" "/boot/initramfs-$2.img" ;;
remove)
    rm -f "/boot/initramfs-$2.img" ;;
esac
exit 0
"""
PLUGINS = {
    "/usr/lib/kernel/install.d/20-grub.install": INSTALL_KERNEL,
    "/usr/lib/kernel/install.d/91-initramfs.install": INSTALL_INITRAMFS,
}
# what depmod writes
INDEXES = """modules.dep modules.dep.bin modules.alias modules.alias.bin modules.symbols
    modules.symbols.bin modules.softdep modules.devname modules.builtin.bin
    modules.builtin.alias.bin modules.weakdep"""
VMLINUZ = re.compile(r"/usr/lib/modules/([^/]+)/vmlinuz$")


def release_of(paths: Iterable[str]) -> str:
    """The kernel's release, as uname -r has it, of the package with these *paths*."""
    return next(match[1] for match in map(VMLINUZ.match, paths) if match)


def ghosts(release: str, mtime: int) -> list[File]:
    """Files that are not shipped, but belong to kernel-core once they are there."""
    boot = {"vmlinuz": 0o755, "config": 0o644, "System.map": 0o600}
    how = {"flags": GHOST | MISSING_OK, "mtime": mtime}
    found = [regular(f"/boot/{name}-{release}", b"", mode, **how) for name, mode in boot.items()]
    # Fedora says 30 MiB, so that rpm keeps room for it.
    found.append(regular(f"/boot/initramfs-{release}.img", bytes(30 << 20), 0o600, **how))
    return found + [
        regular(f"/usr/lib/modules/{release}/{name}", b"", **how) for name in INDEXES.split()
    ]


def finish_core(package: Package) -> None:
    """Scripts and relations of kernel-core."""
    release = release_of(file.path for file in package.files)
    package.provide("kernel", version=package.evr)
    package.provide("kernel-core-uname-r", "kernel-uname-r", version=release)
    package.provide("installonlypkg(kernel)")
    package.requires.append(Relation("kernel-modules-core", EQUAL, package.evr))
    package.require("systemd", "dracut", "kmod", "coreutils", flags=SCRIPT_POST)
    mark = f"/var/lib/rpm-state/kernel/installing_core_{release}"
    package.shell("post", f"mkdir -p /var/lib/rpm-state/kernel\ntouch {mark}\n")
    add = f"/bin/kernel-install add {release} /lib/modules/{release}/vmlinuz || exit $?"
    package.shell("posttrans", f"rm -f {mark}\n{add}\n")
    package.shell("preun", f"/bin/kernel-install remove {release} || exit $?\n")


def finish_modules(package: Package) -> None:
    """Relations of kernel-modules-core and kernel-modules."""
    package.provide("installonlypkg(kernel-module)")
    if package.name == "kernel-modules":
        package.requires.append(Relation("kernel-modules-core", EQUAL, package.evr))
