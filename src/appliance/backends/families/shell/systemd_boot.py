"""How an image starts by systemd-boot: kernels on the EFI system partition, an entry for each.
Shell text, run in the image's own sandbox by the image's own programs.

Facts: kernel-install(8), systemd-boot(7), bootctl(1); the Boot Loader Specification; UEFI
specification 3.5.1.1 (the removable path).
"""

from appliance.backends.families.model import BootSetup
from appliance.backends.families.shell.accounts import write_file

ESP = "/boot/efi"
PROGRAMS = "/usr/lib/systemd/boot/efi"
NAMES = {"x86_64": "x64", "aarch64": "aa64"}  # of machines, as UEFI has them
# Names the entries: every machine makes a machine id of its own at its first boot.
TOKEN = "appliance"
MACHINE_ID = "f" * 32


def systemd_boot_script(boot: BootSetup) -> str:
    """Put the boot loader where every firmware looks, and tell kernel-install about it: the
    kernels to come are added by the distribution's own hooks.

    To be run before the initramfs are made.
    """
    machine = NAMES[boot.architecture]
    removable = f"{ESP}/EFI/BOOT/BOOT{machine.upper()}.EFI"
    return "\n".join(
        (
            "set -eu",
            write_file("/etc/kernel/cmdline", f"{boot.command_line}\n"),
            write_file("/etc/kernel/entry-token", f"{TOKEN}\n"),
            write_file("/etc/kernel/install.conf", "layout=bls\n"),
            write_file(f"{ESP}/loader/loader.conf", f"timeout {boot.timeout}\n"),
            write_file(f"{ESP}/loader/entries.srel", "type1\n"),
            f"mkdir -p {ESP}/{TOKEN} {ESP}/loader/entries {ESP}/EFI/BOOT {ESP}/EFI/systemd",
            f"program={PROGRAMS}/systemd-boot{machine}.efi",
            'if [ -e "$program.signed" ]; then program="$program.signed"; fi',
            'if [ ! -e "$program" ]; then',
            "echo 'the image has no systemd-boot: the package systemd-boot in %packages?' >&2",
            "exit 1",
            "fi",
            f'cp "$program" {removable}',
            f'cp "$program" {ESP}/EFI/systemd/systemd-boot{machine}.efi',
            "",
        )
    )


def entries_script() -> str:
    """An entry for each kernel whose initramfs is made; kernel-install cannot know in a sandbox
    that the EFI system partition is a filesystem of its own."""
    return f"""\
unset KERNEL_INSTALL_BYPASS
for modules in /lib/modules/*; do
version=${{modules##*/}}
for kernel in "/boot/vmlinuz-$version" "$modules/vmlinuz"; do
[ ! -e "$kernel" ] || break
done
[ -e "$kernel" ] || continue
initrd=
for name in "/boot/initrd.img-$version" "/boot/initramfs-$version.img"; do
if [ -e "$name" ]; then initrd=$name; fi
done
MACHINE_ID={MACHINE_ID} BOOT_ROOT={ESP} kernel-install add "$version" "$kernel" $initrd
entry={ESP}/loader/entries/{TOKEN}-$version.conf
if [ ! -e "$entry" ]; then
echo "kernel-install made no boot entry for the kernel $version" >&2
exit 1
fi
sed -i -e 's,^\\(linux  *\\|initrd  *\\){ESP}/,\\1/,' -e '/^machine-id /d' "$entry"
done
"""
