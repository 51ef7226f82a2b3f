"""How a Debian image starts: shell text, run in the image's own sandbox, for each boot loader.

Facts: kernel-img.conf(5), initramfs.conf(5), linux-update-symlinks(1); the GRUB manual,
"Authentication and authorisation".
"""

from collections.abc import Iterable

from appliance.backends.boot_loaders.grub import grub_config
from appliance.backends.families.model import BootSetup
from appliance.backends.families.shell import grub_defaults
from appliance.backends.families.shell.accounts import write_file
from appliance.backends.families.shell.extlinux import extlinux_script
from appliance.backends.families.shell.systemd_boot import entries_script, systemd_boot_script

CONFIG = "/boot/grub/grub.cfg"


def boot_scripts(boot: BootSetup, modules: Iterable[str]) -> dict[str, str]:
    """The scripts, by the names of their layers; *modules* are the kernel's in the initramfs."""
    initramfs = {"initramfs": initramfs_script(modules)}
    if not boot.installed:
        return initramfs
    if boot.loader == "systemd-boot":
        entries = {"entries": f"set -eu\n{entries_script()}"}
        return {"boot": systemd_boot_script(boot), **initramfs, **entries}
    if boot.loader == "extlinux":
        return {**initramfs, "boot": extlinux_script(boot)}
    return {"boot": grub_script(boot), **initramfs}


def grub_script(boot: BootSetup) -> str:
    """What is said of GRUB, and the grub.cfg that is made of it."""
    return "\n".join(
        (
            "set -eu",
            write_file(grub_defaults.PLACE, default_grub(boot)),
            f"mkdir -p {CONFIG.rpartition('/')[0]}",
            grub_defaults.made(grub_program(boot), ("-o", CONFIG)),
            "",
        )
    )


def default_grub(boot: BootSetup) -> str:
    """/etc/default/grub, with the names that Debian's has."""
    return f"""\
# What {CONFIG} is made of: update-grub, of the package grub2-common, makes it anew.
GRUB_DEFAULT=0
GRUB_TIMEOUT={boot.timeout}
GRUB_DISTRIBUTOR=`( . /etc/os-release && echo ${{NAME}} )`
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX={grub_defaults.quoted(boot.arguments)}
GRUB_TERMINAL="serial console"
GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"
"""


def grub_program(boot: BootSetup) -> str:
    """The program that makes grub.cfg of /etc/default/grub."""
    config = grub_config(
        root_uuid=boot.uuid,
        boot_path=boot.path,
        arguments=f"root={boot.root} ro $ARGUMENTS",
        timeout="$TIMEOUT",
        password=boot.password,
        look=boot.look,
    )
    mode = "600" if boot.password else "644"
    return grub_defaults.program(config, place=CONFIG, mode=mode)


def script_programs(boot: BootSetup | None) -> dict[str, str]:
    """The programs of GRUB that the author's scripts find instead of the image's, by name."""
    if boot is None or not boot.installed or boot.loader != "grub":
        return {}
    program = grub_program(boot)
    return dict.fromkeys(("update-grub", "update-grub2", "grub-mkconfig"), program)


def initramfs_script(modules: Iterable[str]) -> str:
    """One initramfs for each kernel, for virtual hardware, whatever the build host is."""
    listed = write_file(
        "/usr/share/initramfs-tools/modules.d/appliance", "".join(f"{name}\n" for name in modules)
    )
    return f"""\
set -eu
[ -e /usr/sbin/update-initramfs ] || exit 0
{listed}
mkdir -p /etc/initramfs-tools/conf.d
compress=gzip level=1
if command -v zstd > /dev/null; then compress=zstd level=1; fi
printf 'MODULES=list\\nCOMPRESS=%s\\nCOMPRESSLEVEL=%s\\n' $compress $level \\
    > /etc/initramfs-tools/conf.d/appliance
for kernel in /boot/vmlinuz-*; do
[ -e "$kernel" ] || continue
version=${{kernel#/boot/vmlinuz-}}
update-initramfs -c -k "$version"
linux-update-symlinks install "$version" "$kernel"
done
# one kernel is no kernel before another
for name in vmlinuz initrd.img; do
if [ "$(readlink -f "/boot/$name.old")" = "$(readlink -f "/boot/$name")" ]; then
rm -f "/boot/$name.old"
fi
done
"""
