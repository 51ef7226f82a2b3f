"""The programs that we call, what needs each, and the packages of Debian and Fedora that hold it.

`appliance doctor` and every preflight read it. tests/unit/host/test_tool_packages.py compares it
with what the source calls, and with the lists of the Makefile and of our own packages.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Tool:
    """A program that we call, files that such a program needs, or a module of Python.

    *name*: the program's name, or what people call the files.
    *purpose*: who needs it: build (every build), debian or rpm (only images of that family), disks
        (only images with that filesystem), formats (only some disk formats), selinux (only images
        with a policy), brand (`brand rpm`), boot (`run` and `test`), libvirt (`virt-image` with
        libvirt), look (`diff` and `test`), scripts (builds with scripts that have a network need
        one of these), imgcreate (programs that import it) or tests (this project's own).
    *debian*: the package of Debian that has it.
    *fedora*: the package of Fedora that has it; empty where we know of none.
    *asks*: the arguments that make the program print its version; empty if it cannot.
    *paths*: files of which any one will do; empty for a program that has to be in the PATH.
    *programs*: programs that do its work under other names, the best first; empty for *name* only.
    *module*: of a module of Python, what to import and the name of the version in it; it has to
        be on this machine, whatever root the programs are from.
    """

    name: str
    purpose: str
    debian: str
    fedora: str
    asks: tuple[str, ...] = ("--version",)
    paths: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    module: tuple[str, str] = ("", "")


OVMF = ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_CODE.fd")
EDK2 = ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_CODE_4M.qcow2")
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
NOTHING = (
    "/dev/null/nothing"  # cannot exist, nor be made: mkfs.vfat says its version only when it starts
)
# What only tests call: the packages of Debian and of Fedora, and the programs.
TESTS = (
    ("7zip", "", "7zz"),
    ("bash", "bash", "bash"),
    ("bmap-tools", "", "bmaptool"),
    ("bsdutils", "util-linux", "script"),
    ("bzip2", "bzip2", "bzip2"),
    (
        "coreutils",
        "coreutils",
        "base64 basename cat chown chroot cut date dd dirname echo env expand",
    ),
    (
        "coreutils",
        "coreutils",
        "head id ln ls mkdir mknod mktemp mv pwd readlink rm seq sha1sum sha256sum",
    ),
    ("coreutils", "coreutils", "sleep sort stat tail tee test touch tr truncate uname"),
    ("createrepo-c", "createrepo_c", "createrepo_c"),
    ("chromium", "chromium", "chromium"),
    ("curl", "curl", "curl"),
    ("debsecan", "", "debsecan"),
    ("systemd", "systemd", "systemd-analyze"),
    ("dash", "dash", "dash"),
    ("diffutils", "diffutils", "cmp diff"),
    ("dosfstools", "dosfstools", "fsck.vfat"),
    ("dpkg", "dpkg", "dpkg dpkg-divert dpkg-query dpkg-split dpkg-statoverride dpkg-trigger"),
    ("dpkg", "dpkg", "start-stop-daemon update-alternatives"),
    ("erofs-utils", "erofs-utils", "fsck.erofs"),
    ("findutils", "findutils", "find xargs"),
    ("fish", "fish", "fish"),
    ("gawk", "gawk", "gawk"),
    ("gdisk", "gdisk", "sgdisk"),
    ("genisoimage", "genisoimage", "genisoimage"),
    ("git", "git-core", "git"),
    ("gnupg", "gnupg2", "gpg gpgconf"),
    ("grep", "grep", "grep"),
    ("groff-base", "groff-base", "groff"),
    ("gzip", "gzip", "gzip"),
    ("hostname", "hostname", "hostname"),
    ("kmod", "kmod", "depmod"),
    ("libc-bin", "glibc-common", "getent ldconfig ldd"),
    ("libcap2-bin", "libcap", "getcap setcap"),
    ("libnbd-bin", "libnbd", "nbdcopy"),
    ("libvhdi-utils", "", "vhdiinfo"),
    ("libvirt-clients", "libvirt-client", "virt-xml-validate"),
    ("libvirt-daemon", "libvirt-daemon", "libvirtd"),
    ("libvmdk-utils", "", "vmdkinfo"),
    ("libxml2-utils", "libxml2", "xmllint"),  # virt-xml-validate calls it; nothing says so
    ("lvm2", "lvm2", "pvck"),
    ("mawk", "mawk", "awk mawk"),
    ("mount", "util-linux", "losetup mount umount"),
    ("mtools", "mtools", "mdel mlabel mmd mtype"),
    ("nbdkit", "nbdkit", "nbdkit"),
    ("parted", "parted", "parted"),
    ("passwd", "shadow-utils", "groupadd groupdel useradd userdel usermod"),
    ("procps", "procps-ng", "kill"),
    ("python3", "python3", "python3"),
    ("qemu-user", "qemu-user", "qemu-x86_64"),
    ("sed", "sed", "sed"),
    ("shellcheck", "ShellCheck", "shellcheck"),
    ("skopeo", "skopeo", "skopeo"),
    ("squashfs-tools", "squashfs-tools", "unsquashfs"),
    ("unzip", "unzip", "unzip"),
    ("util-linux", "util-linux", "blkid flock setpriv unshare"),
    ("virt-v2v", "virt-v2v", "virt-v2v"),
    ("xen-utils", "xen-runtime", "pygrub"),
    ("xfsprogs", "xfsprogs", "xfs_repair"),
    ("xz-utils", "xz", "unxz"),
    ("zsh", "zsh", "zsh"),
)


def _for_tests() -> Iterator[Tool]:
    for debian, fedora, names in TESTS:
        yield from (Tool(name, "tests", debian, fedora, ()) for name in names.split())


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("apt-get", "debian", "apt", "apt"),
        Tool("apt-cache", "debian", "apt", "apt"),
        Tool("apt-config", "debian", "apt", "apt"),
        Tool("gpgv", "build", "gpgv", "gnupg2"),
        Tool("debian keys", "debian", "debian-archive-keyring", "debian-keyring", paths=(KEYS,)),
        Tool("dpkg-deb", "debian", "dpkg", "dpkg"),
        Tool("dnf", "rpm", "dnf", "dnf5", programs=("dnf5", "dnf")),
        Tool("rpm", "rpm", "rpm", "rpm"),
        Tool("rpmkeys", "rpm", "rpm", "rpm", ()),
        Tool("rpmbuild", "brand", "rpm", "rpm-build"),
        Tool("rpmsign", "brand", "rpm", "rpm-sign"),
        Tool("sh", "build", "dash", "bash", ()),
        Tool("cp", "build", "coreutils", "coreutils"),
        Tool("chmod", "build", "coreutils", "coreutils"),
        Tool("true", "build", "coreutils", "coreutils"),
        Tool("timeout", "boot", "coreutils", "coreutils"),
        Tool("tar", "build", "tar", "tar"),
        Tool("zstd", "build", "zstd", "zstd"),
        Tool("xz", "build", "xz-utils", "xz"),
        Tool(
            "zlib-ng",
            "formats",
            "python3-zlib-ng",
            "python3-zlib-ng",
            module=("zlib_ng.zlib_ng", "ZLIBNG_RUNTIME_VERSION"),
        ),
        Tool(
            "zstandard",
            "formats",
            "python3-zstandard",
            "python3-zstandard",
            module=("zstandard", "ZSTD_VERSION"),
        ),
        Tool("openssl", "formats", "openssl", "openssl", ("version",)),
        Tool("newuidmap", "build", "uidmap", "shadow-utils", ()),
        Tool("newgidmap", "build", "uidmap", "shadow-utils", ()),
        Tool("pasta", "scripts", "passt", "passt"),
        Tool("slirp4netns", "scripts", "slirp4netns", "slirp4netns"),
        Tool("mke2fs", "build", "e2fsprogs", "e2fsprogs", ("-V",)),
        Tool("debugfs", "build", "e2fsprogs", "e2fsprogs", ("-V",)),
        Tool("e2fsck", "look", "e2fsprogs", "e2fsprogs", ("-V",)),
        Tool("dumpe2fs", "look", "e2fsprogs", "e2fsprogs", ("-V",)),
        Tool("resize2fs", "imgcreate", "e2fsprogs", "e2fsprogs", ()),
        Tool("mkfs.vfat", "build", "dosfstools", "dosfstools", (NOTHING, "1")),
        Tool("mcopy", "build", "mtools", "mtools"),
        Tool("mdir", "look", "mtools", "mtools"),
        Tool("mshowfat", "look", "mtools", "mtools"),
        Tool("mkfs.xfs", "disks", "xfsprogs", "xfsprogs", ("-V",)),
        Tool("xfs_db", "disks", "xfsprogs", "xfsprogs", ("-V",)),
        Tool("mkfs.btrfs", "disks", "btrfs-progs", "btrfs-progs", ("-V",)),
        Tool("btrfs", "disks", "btrfs-progs", "btrfs-progs"),
        Tool("mksquashfs", "disks", "squashfs-tools", "squashfs-tools", ("-version",)),
        Tool("mkfs.erofs", "disks", "erofs-utils", "erofs-utils", ()),
        Tool("dump.erofs", "disks", "erofs-utils", "erofs-utils", ("-V",)),
        Tool("cryptsetup", "disks", "cryptsetup-bin", "cryptsetup"),
        Tool("insmod", "disks", "kmod", "kmod", ()),
        Tool("setfiles", "selinux", "policycoreutils", "policycoreutils", ()),
        Tool("mkswap", "build", "util-linux", "util-linux"),
        Tool("sfdisk", "build", "fdisk", "util-linux"),
        Tool("grub-mkimage", "debian", "grub-common", "grub2-tools"),
        Tool(
            "grub for BIOS",
            "debian",
            "grub-pc-bin",
            "grub2-pc-modules",
            paths=("/usr/lib/grub/i386-pc/boot.img",),
        ),
        Tool(
            "grub for UEFI",
            "debian",
            "grub-efi-amd64-bin",
            "grub2-efi-x64-modules",
            paths=("/usr/lib/grub/x86_64-efi/normal.mod",),
        ),
        Tool("qemu-img", "build", "qemu-utils", "qemu-img"),
        Tool(
            "qemu-system-x86_64",
            "boot",
            "qemu-system-x86",
            "qemu-system-x86",
            programs=("qemu-system-x86_64", "qemu-kvm"),
        ),
        Tool("UEFI firmware", "boot", "ovmf", "edk2-ovmf", paths=(*OVMF, *EDK2)),
        Tool("virsh", "libvirt", "libvirt-clients", "libvirt-client"),
        Tool("ssh", "boot", "openssh-client", "openssh-clients", ("-V",)),
        Tool("ssh-keygen", "boot", "openssh-client", "openssh-clients", ()),
        *_for_tests(),
    )
}
