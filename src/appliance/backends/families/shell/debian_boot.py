"""How a Debian image starts: shell text, run in the image's own sandbox, for each boot loader.

Facts: kernel-img.conf(5), initramfs.conf(5), linux-update-symlinks(1); the GRUB manual,
"Authentication and authorisation".
"""

import shlex
from collections.abc import Iterable

from appliance.backends.boot_loaders.grub import grub_config
from appliance.backends.families.model import BootSetup
from appliance.backends.families.shell.accounts import write_file
from appliance.backends.families.shell.extlinux import extlinux_script
from appliance.backends.families.shell.systemd_boot import entries_script, systemd_boot_script


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
    """grub.cfg, and the same wishes where the image's own GRUB, if any, will look."""
    config = grub_config(
        root_uuid=boot.uuid,
        boot_path=boot.path,
        kernel_root=boot.root,
        append=boot.arguments,
        timeout=boot.timeout,
        password=boot.password,
    )
    return "\n".join(
        (
            "set -eu",
            write_file("/boot/grub/grub.cfg", config, "600" if boot.password else "644"),
            "if [ -e /etc/default/grub ]; then",
            f"sed -i 's/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT={boot.timeout}/' /etc/default/grub",
            f"echo GRUB_CMDLINE_LINUX={shlex.quote(shlex.quote(boot.arguments))} "
            ">> /etc/default/grub",
            "fi",
            "",
        )
    )


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
"""
