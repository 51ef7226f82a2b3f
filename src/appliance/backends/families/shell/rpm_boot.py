"""How an RPM image starts: kernel-install, dracut, BLS entries, GRUB for BIOS, shim and GRUB for
UEFI. Shell text, run in the image's own sandbox by the image's own programs.

Facts: kernel-install(8), dracut.conf(5), the Boot Loader Specification; 20-grub.install of
Fedora's grub2; what Anaconda and osbuild write; grub2-mkimage(1).
"""

import shlex

from appliance.backends.boot_loaders.look import PLAIN_LOOK
from appliance.backends.families.model import BootSetup
from appliance.backends.families.shell import grub_defaults
from appliance.backends.families.shell.accounts import write_file
from appliance.backends.families.shell.extlinux import extlinux_script
from appliance.backends.families.shell.systemd_boot import entries_script, systemd_boot_script
from appliance.filesystem_facts import FILESYSTEMS, facts, grub_modules
from appliance.layout.contents import early, kinds
from appliance.layout.storage import Storage

# kernel-install names boot entries by it. Not the machine's: each machine makes its own id at
# first boot. The same that other image builders take.
MACHINE_ID = "f" * 32
SEEDS = (("etc/machine-id", f"{MACHINE_ID}\n"),)
CMDLINE = "/etc/kernel/cmdline"
GRUB = "/boot/grub2"
ESP = "/boot/efi/EFI"
BIOS = "i386-pc"
DISTRIBUTOR = "\"$(sed 's, release .*$,,g' /etc/system-release)\""
MODULES = "/usr/lib/grub"
CORE = (
    "biosdisk", "part_gpt", "part_msdos", *grub_modules(), "lvm", "fat", "search", "search_fs_uuid",
    "configfile", "normal", "linux", "blscfg", "serial", "terminal", "echo",
    "test", "loadenv", "all_video",
)  # fmt: skip
DRIVERS = (
    *("virtio_pci", "virtio_blk", "virtio_scsi", "virtio_net", "virtio_mmio"),  # QEMU, most clouds
    *("nvme", "ahci", "ata_piix", "sd_mod", "sr_mod"),  # VirtualBox, Amazon, emulated hardware
    *("mptspi", "mptsas", "vmw_pvscsi", "vmxnet3"),  # VMware
    *("hv_vmbus", "hv_storvsc", "hv_netvsc", "pci_hyperv"),  # Hyper-V, Azure
    *("xen_blkfront", "xen_netfront"),
    *("crc32c_generic", "crc32c_intel"),
    *("atkbd", "i8042", "usbhid", "hid_generic", "xhci_pci", "ehci_pci", "uhci_hcd"),
)  # the drivers of virtual hardware; an initramfs takes those that its kernel has
OMITTED = (
    *("network", "network_legacy", "network_manager", "systemd_networkd", "connman", "ifcfg"),
    *("kernel_network_modules", "url_lib", "nfs", "cifs", "iscsi", "fcoe", "fcoe_uefi", "nbd"),
    *("nvmf", "lnbd", "qemu_net", "ssh_client", "livenet", "dmsquash_live", "overlay_root"),
    *("crypt_gpg", "crypt_loop", "tpm2_tss", "pkcs11", "fido2", "pcsc"),
    *("systemd_pcrphase", "systemd_veritysetup", "systemd_integritysetup"),
    *("lvmmerge", "lvmthinpool_monitor", "dmraid", "multipath", "mdraid"),
    *("i18n", "hwdb", "nvdimm", "pcmcia", "bluetooth", "memstrack", "convertfs", "rescue"),
    *("systemd_portabled", "systemd_hostnamed", "systemd_timedated", "systemd_resolved"),
    *("systemd_coredump", "modsign", "watchdog_modules", "biosdevname"),
)  # dracut's modules for roots of other kinds
ONLY = {
    "lvm": ("lvm", "dm"),
    "luks": ("crypt", "systemd_cryptsetup", "dm"),
    **{row.name: row.dracut_modules for row in FILESYSTEMS.values() if row.dracut_modules},
}  # those that a root of that kind needs


def boot_scripts(storage: Storage, boot: BootSetup) -> dict[str, str]:
    """The scripts of the boot loader that is asked for, by the names of their layers."""
    if boot.loader == "systemd-boot" and boot.installed:
        return {
            "boot": systemd_boot_script(boot),
            "initramfs": f"{initramfs_settings(storage)}{entries_script()}{INITRAMFS_END}",
        }
    scripts = {"initramfs": initramfs_script(storage, boot)}
    if boot.installed and boot.loader == "extlinux":
        return {**scripts, "boot": extlinux_script(boot)}
    return {"boot": boot_script(boot), **scripts} if boot.installed else scripts


def boot_script(boot: BootSetup) -> str:
    """Say how the kernel is started, where the distribution's own programs look for it too.

    /etc/kernel/cmdline comes after /etc/default/grub: were it older, the next kernel's
    installation would take it for outdated.
    """
    parts = [
        "set -eu",
        write_file("/etc/default/grub", default_grub(boot)),
        write_file(CMDLINE, f"{boot.command_line}\n"),
        write_file("/etc/sysconfig/kernel", "UPDATEDEFAULT=yes\nDEFAULTKERNEL=kernel-core\n"),
        f"mkdir -p {GRUB}",
        grub_defaults.made(grub_program(boot), ("-o", f"{GRUB}/grub.cfg")),
        f"rm -f {GRUB}/grubenv",  # a link to the EFI system partition in some packages
        write_file(f"{GRUB}/grubenv", environment_block(), "600"),
        write_file(f"{GRUB}/user.cfg", f"GRUB2_PASSWORD={boot.password}\n", "600")
        if boot.password
        else "",
        bios(boot) if "bios" in boot.firmware else "",
        uefi(boot) if "uefi" in boot.firmware else "",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def default_grub(boot: BootSetup) -> str:
    """/etc/default/grub, as Anaconda writes it; whose system it is, a brand says."""
    usual = boot.look == PLAIN_LOOK
    said = DISTRIBUTOR if usual else grub_defaults.quoted(boot.look.title)
    return f"""\
GRUB_TIMEOUT={boot.timeout}
GRUB_DISTRIBUTOR={said}
GRUB_DEFAULT=saved
GRUB_DISABLE_SUBMENU=true
GRUB_TERMINAL="serial console"
GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"
GRUB_CMDLINE_LINUX={grub_defaults.quoted(boot.arguments)}
GRUB_DISABLE_RECOVERY="true"
GRUB_ENABLE_BLSCFG=true
"""


def grub_program(boot: BootSetup) -> str:
    """The program that makes of /etc/default/grub grub.cfg, and the arguments of all kernels: as
    grub2-mkconfig(8) does with --update-bls-cmdline."""
    also = f"""\
printf '%s\\n' "root={boot.root} ro $ARGUMENTS" > {CMDLINE}
for entry in /boot/loader/entries/*.conf; do
[ -e "$entry" ] || continue
while read -r key value; do
if [ "$key" = options ]; then
case $value in *' $tuned_params') tuned=' $tuned_params' ;; *) tuned= ;; esac
value="root={boot.root} ro $ARGUMENTS$tuned"
fi
printf '%s %s\\n' "$key" "$value"
done < "$entry" > /tmp/entry
cat /tmp/entry > "$entry"
rm -f /tmp/entry
done
"""
    config, place = grub_config(boot), f"{GRUB}/grub.cfg"
    return grub_defaults.program(config, place=place, mode="600", also=also)


def script_programs(boot: BootSetup | None) -> dict[str, str]:
    """The programs of GRUB that the author's scripts find instead of the image's, by name."""
    if boot is None or not boot.installed or boot.loader != "grub":
        return {}
    return {"grub2-mkconfig": grub_program(boot)}


def grub_config(boot: BootSetup) -> str:
    """grub.cfg for both kinds of firmware, with $TIMEOUT to be filled in: its menu is what
    /boot/loader/entries holds.

    The entry is the one that was chosen for this once, else the saved one, else the newest.
    """
    return f"""\
# Made by appliance-tools. Kernels add themselves to /boot/loader/entries.
set timeout=$TIMEOUT
serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
{boot.look.grub_colours()}search --no-floppy --fs-uuid --set=root {boot.uuid}
if [ -s $prefix/grubenv ]; then
    load_env
fi
{PASSWORD if boot.password else ""}if [ "${{next_entry}}" ]; then
    set default="${{next_entry}}"
    set next_entry=
    save_env next_entry
else
    set default="${{saved_entry}}"
fi
# GRUB 2.14 must be told where the entries are; the distributions' own versions before it look
# there unasked, and refuse to be told
if blscfg --path {boot.path}/loader/entries; then
    true
else
    blscfg
fi
"""


# As grub2-setpassword(8) leaves it; entries that say so start without it.
PASSWORD = """\
if [ -f $prefix/user.cfg ]; then
    source $prefix/user.cfg
    if [ -n "$GRUB2_PASSWORD" ]; then
        set superusers="root"
        export superusers
        password_pbkdf2 root $GRUB2_PASSWORD
    fi
fi
"""


def finding(boot: BootSetup) -> str:
    """What GRUB itself is told: where its files are, its modules among them."""
    return (
        f"search --no-floppy --fs-uuid --set=root {boot.uuid}\n"
        f"set prefix=($root){boot.path}/grub2\n"
    )


def environment_block() -> str:
    """Return an empty environment block of GRUB: 1024 bytes, no more and no less."""
    return "# GRUB Environment Block\n".ljust(1024, "#")


def bios(boot: BootSetup) -> str:
    """core.img and boot.img where grub2-install(8) leaves them; the disk's maker takes them there.

    Nothing without grub2-pc: the maker says what is missing.
    """
    place = f"{GRUB}/{BIOS}"
    return f"""\
if [ -d {MODULES}/{BIOS} ]; then
mkdir -p {place}
cp {MODULES}/{BIOS}/*.mod {MODULES}/{BIOS}/*.lst {MODULES}/{BIOS}/boot.img {place}/
modules=
for name in {" ".join(CORE)}; do
if [ -e {place}/$name.mod ]; then modules="$modules $name"; fi
done
printf %s {shlex.quote(finding(boot))} > /tmp/stub.cfg
grub2-mkimage -O {BIOS} -d {MODULES}/{BIOS} -o {place}/core.img -p {GRUB} -c /tmp/stub.cfg $modules
rm -f /tmp/stub.cfg
fi"""


def uefi(boot: BootSetup) -> str:
    """The distribution's signed programs, unchanged, and beside GRUB where its files are.

    GRUB is beside the first program too, for firmware that cannot keep the variable by which
    shim's fallback finds the distribution's own directory.
    """
    stub = f"{finding(boot)}export prefix\nconfigfile $prefix/grub.cfg\n"
    return f"""\
mkdir -p {ESP}/BOOT
# Fedora 44 and later keep the programs in /usr/lib/efi
for part in shim grub2; do
for place in $(ls -d /usr/lib/efi/$part/*/EFI 2> /dev/null | sort -V | tail -n 1); do
cp -r "$place/." {ESP}/
done
done
grub=
for file in {ESP}/*/grubx64.efi {ESP}/*/grubaa64.efi; do
if [ -e "$file" ] && [ "${{file%/*}}" != {ESP}/BOOT ]; then grub=$file; fi
done
if [ -z "$grub" ]; then
echo 'the image has no GRUB for UEFI machines: grub2-efi-x64 and shim-x64 in %packages,' \\
'or no EFI system partition' >&2
exit 1
fi
cp "$grub" {ESP}/BOOT/
name=${{grub##*/grub}}
first={ESP}/BOOT/BOOT$(echo "${{name%.efi}}" | tr a-z A-Z).EFI
if [ ! -e "$first" ]; then cp "$grub" "$first"; fi
for place in "${{grub%/*}}" {ESP}/BOOT; do
printf %s {shlex.quote(stub)} > "$place/grub.cfg"
chmod 700 "$place/grub.cfg"
done"""


def _filesystems(storage: Storage) -> tuple[str, ...]:
    """The drivers without which the root could not be mounted."""
    mounted = (content for content in early(storage) if content.mount_point)
    return tuple(dict.fromkeys(name for one in mounted for name in facts(one.held.kind).modules))


def _omitted(storage: Storage) -> list[str]:
    used = kinds(early(storage))
    needed = {name for kind in used for name in ONLY.get(kind, ())}
    special = dict.fromkeys(name for names in ONLY.values() for name in names)
    names = [*OMITTED, *(name for name in special if name not in needed)]
    return [name.replace("_", "-") for name in names]


def dracut_configuration(storage: Storage) -> str:
    """For virtual hardware of every kind, the same bytes each time, quickly packed; $drivers is
    filled in by the script. /etc/dracut.conf.d keeps it for the kernels to come."""
    return f"""\
# Made by appliance-tools: an initramfs for virtual machines, whatever the build host is.
# Without this file dracut makes one for all the hardware that it knows.
hostonly="no"
hostonly_cmdline="no"
reproducible="yes"
early_microcode="no"
compress="$compress"
omit_dracutmodules+=" {" ".join(_omitted(storage))} "
drivers+="$drivers "
"""


# On the running system kernel-install knows only the machine's own id.
FORGET = f"""\
#!/bin/sh
# Made by appliance-tools: the entries of the image's own kernels go with their kernels.
[ "$1" = remove ] && rm -f "/boot/loader/entries/{MACHINE_ID}-$2.conf"
exit 0
"""


def initramfs_script(storage: Storage, boot: BootSetup) -> str:
    """One boot entry and one initramfs for each kernel, made as the distribution makes them for
    the kernels to come, but for one initramfs each and with nothing of the build host in it.

    The hardware database, which no package's script has made, is made at the same time.
    """
    return f"""\
{initramfs_settings(storage)}mkdir -p /boot/loader/entries
for image in /lib/modules/*/vmlinuz; do
[ -e "$image" ] || continue
modules=${{image%/vmlinuz}}
version=${{modules##*/}}
# the packages' scripts have run depmod, if it knows of every module
known=$(grep -sc . "$modules/modules.dep" || :)
if [ "$known" != "$(find "$modules" -name '*.ko*' | wc -l)" ]; then depmod -a "$version"; fi
MACHINE_ID={MACHINE_ID} BOOT_ROOT=/boot kernel-install add "$version" "$image"
{entry_fix(boot)}
if [ ! -s "/boot/initramfs-$version.img" ]; then
echo "there is no initramfs for the kernel $version: dracut in %packages?" >&2
exit 1
fi
done
{INITRAMFS_END}"""


INITRAMFS_END = """\
rm -rf $masked /var/tmp/dracut.*
if [ -n "$hardware" ]; then wait "$hardware"; fi
"""


def initramfs_settings(storage: Storage) -> str:
    """What is the same for every kernel: drivers, dracut's configuration, plugins that are kept
    from running; INITRAMFS_END is to follow."""
    configuration = dracut_configuration(storage)
    quoted = configuration.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
    return f"""\
set -eu
unset KERNEL_INSTALL_BYPASS
hardware=
if [ -d /usr/lib/udev/hwdb.d ] && [ ! -e /etc/udev/hwdb.bin ] && [ ! -e /usr/lib/udev/hwdb.bin ]
then systemd-hwdb update & hardware=$!; fi
drivers=
for name in {" ".join((*DRIVERS, *_filesystems(storage)))}; do
pattern=$(echo "/${{name}}[.]ko" | sed 's/_/[-_]/g')
if grep -qs "$pattern" /lib/modules/*/modules.order; then drivers="$drivers $name"; fi
done
compress="gzip -1"
if command -v zstd > /dev/null; then compress="zstd -1 -T0"; fi
mkdir -p /etc/dracut.conf.d /etc/kernel/install.d
printf %s "{quoted}" > /etc/dracut.conf.d/90-appliance.conf
{write_file("/etc/kernel/install.d/95-appliance-entries.install", FORGET, "755")}
masked=
mask() {{
if [ -e "/etc/kernel/install.d/$1" ]; then return; fi
ln -s /dev/null "/etc/kernel/install.d/$1"
masked="$masked /etc/kernel/install.d/$1"
}}
# a second initramfs, of all drivers, would be made beside the first
mask 51-dracut-rescue.install
mask 50-depmod.install
"""


# Editing asks for the password, starting does not.
UNRESTRICTED = """\
grep -q '^grub_users ' /tmp/entry || echo 'grub_users $grub_users' >> /tmp/entry
grep -q '^grub_arg ' /tmp/entry || echo 'grub_arg --unrestricted' >> /tmp/entry
"""


def entry_fix(boot: BootSetup) -> str:
    """Shell that sets right what kernel-install cannot know in a sandbox: which filesystem /boot
    is, and that the arguments are ours. Words such as $tuned_params stay."""
    return f"""\
entry=/boot/loader/entries/{MACHINE_ID}-$version.conf
if [ ! -e "$entry" ]; then
echo "kernel-install made no boot entry for the kernel $version" >&2
exit 1
fi
while read -r key value; do
case $key in
linux | initrd)
first=${{value%% *}}
rest=${{value#"$first"}}
value={shlex.quote(boot.path)}/${{first##*/}}$rest
;;
options)
case $value in
*' $tuned_params') value={shlex.quote(boot.command_line)}' $tuned_params' ;;
*) value={shlex.quote(boot.command_line)} ;;
esac
;;
esac
printf '%s %s\\n' "$key" "$value"
done < "$entry" > /tmp/entry
{UNRESTRICTED if boot.password else ""}cat /tmp/entry > "$entry"
rm -f /tmp/entry"""
