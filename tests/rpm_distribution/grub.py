"""GRUB of the distribution: its part of grub2-mkconfig, its EFI program, where EFI programs are."""

import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .names import ID
from .places import EFI
from .rpm_file import Package
from .rpm_header import GHOST, POSTTRANS

# of /etc/grub.d: boot loader entries, as with Fedora's GRUB_ENABLE_BLSCFG=true
ENTRIES = r"""#!/bin/sh
set -e
. /usr/share/grub/grub-mkconfig_lib
args="$GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT"
if [ -n "$GRUB_DEVICE_UUID" ] && [ "$GRUB_DISABLE_LINUX_UUID" != true ]; then
    root="root=UUID=$GRUB_DEVICE_UUID"
else
    root="root=$GRUB_DEVICE"
fi
if [ "${GRUB_ENABLE_BLSCFG:-true}" = true ]; then
    if [ "${GRUB_UPDATE_BLS_CMDLINE:-false}" = true ] || [ -n "$GRUB_CMDLINE_LINUX" ]; then
        for e in /boot/loader/entries/*.conf; do
            [ -e "$e" ] && sed -i "s|^options .*|options $root ro $args|" "$e"
        done
    fi
    prepare_grub_to_access_device "${GRUB_DEVICE_BOOT}"
    echo 'blscfg'          # loaded by itself: module blsuki here, blscfg in Fedora's GRUB 2.12
else
    for k in /boot/vmlinuz-*; do
        [ -e "$k" ] || continue
        v=${k#/boot/vmlinuz-}
        rel=$(make_system_path_relative_to_its_root /boot)
        echo "menuentry '$(. /etc/os-release; echo "$NAME ($v) $VERSION")' {"
        prepare_grub_to_access_device "${GRUB_DEVICE_BOOT}" | sed 's/^/    /'
        echo "    linux ${rel%/}/vmlinuz-$v $root ro $args"
        echo "    initrd ${rel%/}/initramfs-$v.img"
        echo "}"
    done
fi
"""
MODULES = """part_gpt part_msdos fat ext2 xfs btrfs normal linux configfile search search_fs_uuid
    search_fs_file search_label test echo cat ls all_video gfxterm minicmd reboot halt
    loadenv regexp probe sleep blsuki gzio lvm mdraid1x true font serial terminal"""
NEEDED = ("grub2-common", "grub-efi-amd64-bin", "libc6", "liblzma5", "libdevmapper1.02.1")
MOVE = """set -eu
if [ ! -e /run/ostree-booted ]; then
    mkdir -p {efi}
    cp -pR {place}/. {efi} || :
fi
"""


def program(debs: Mapping[str, Path]) -> bytes:
    """grubx64.efi, made by the grub-mkimage of the closure *debs* itself, which need not run here
    otherwise."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for deb in NEEDED:
            subprocess.run(["dpkg-deb", "-x", debs[deb], place], check=True)
        modules, libraries = place / "usr/lib/grub/x86_64-efi", place / "usr/lib/x86_64-linux-gnu"
        known = [module for module in MODULES.split() if (modules / f"{module}.mod").exists()]
        linker: list[str | Path] = [libraries / "ld-linux-x86-64.so.2", "--library-path", libraries]
        words: list[str | Path] = [
            "-O",
            "x86_64-efi",
            "-d",
            modules,
            "-p",
            f"/EFI/{ID}",
            "-o",
            place / "grubx64.efi",
        ]
        mkimage = place / "usr/bin/grub-mkimage"
        subprocess.run([*linker, mkimage, *words, *known], check=True)
        return (place / "grubx64.efi").read_bytes()


def keep_in_usr(package: Package) -> None:
    """Ship EFI programs in /usr/lib/efi, from where %posttrans copies them, as Fedora 44 does."""
    place = f"/usr/lib/efi/{package.name.split('-')[0]}/{package.version}-{package.release}/EFI"
    package.files = [
        file
        if file.flags & GHOST or not file.path.startswith(f"{EFI}/")
        else replace(file, path=place + file.path.removeprefix(EFI))
        for file in package.files
        if not (stat.S_ISDIR(file.mode) and file.path.startswith(EFI))
    ]
    package.shell("posttrans", MOVE.format(efi=EFI, place=place))
    package.require("coreutils", flags=POSTTRANS)
