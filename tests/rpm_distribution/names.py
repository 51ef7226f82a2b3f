"""What the distribution is called, and what Debian's packages are called in it."""

import re

NAME, ID, VERSION = "Testing Linux", "testinglinux", "13"
RELEASE = f"1.tl{VERSION}"

# Debian's plumbing has no place in an RPM system: dropped as packages and as relations.
_DROPPED = """adduser apt debconf debconf-2.0 debianutils dpkg dracut init-system-helpers
    libdebconfclient0 libtext-charwidth-perl libtext-wrapi18n-perl libtext-iconv-perl
    linux-base linux-image-cloud-amd64 lsb-base perl-base perl perlapi-5.40.0 runit-helper
    sensible-utils sgml-base shim-signed-common ucf xml-core initramfs-tools
    initramfs-tools-core linux-initramfs-tool default-dbus-system-bus dash media-types
    reportbug default-logind logind cdebconf systemd-standalone-sysusers systemd-sysusers
    systemd-tmpfiles systemd-standalone-tmpfiles grub-common python3-debconf"""
DROPPED = frozenset(_DROPPED.split())

# Several to one are merged; PRIMARY says whose version the whole has.
RENAMED = {
    "base-files": "filesystem", "base-passwd": "setup",
    "libc6": "glibc", "libc-bin": "glibc-common",
    "util-linux": "util-linux", "bsdutils": "util-linux", "mount": "util-linux",
    "fdisk": "util-linux", "login": "util-linux",
    "login.defs": "shadow-utils", "passwd": "shadow-utils",
    "libpam-runtime": "pam", "libpam-modules": "pam", "libpam-modules-bin": "pam",
    "systemd": "systemd", "systemd-sysv": "systemd", "libpam-systemd": "systemd-pam",
    "libsystemd-shared": "systemd-shared", "libsystemd0": "systemd-libs", "udev": "systemd-udev",
    "systemd-boot-efi": "systemd-boot-unsigned",
    "dracut-core": "dracut", "dracut-install": "dracut",
    "grub2-common": "grub2-tools", "grub-pc-bin": "grub2-pc-modules",
    "grub-efi-amd64-bin": "grub2-efi-x64-modules",
    "grub-efi-amd64-unsigned": "grub2-efi-x64-modules",
    "shim-signed": "shim-x64", "shim-helpers-amd64-signed": "shim-x64",
    "network-manager": "NetworkManager", "libnm0": "NetworkManager-libnm",
    "openssh-client": "openssh-clients", "openssh-sftp-server": "openssh-server",
    "procps": "procps-ng", "iputils-ping": "iputils",
    "vim-tiny": "vim-minimal", "vim-common": "vim-data", "gnupg": "gnupg2",
    "cloud-guest-utils": "cloud-utils-growpart", "ncurses-bin": "ncurses", "xz-utils": "xz",
    "selinux-policy-default": "selinux-policy-targeted", "selinux-utils": "libselinux-utils",
    "cryptsetup-bin": "cryptsetup",
}  # fmt: skip
PRIMARY = {
    "util-linux": "util-linux", "shadow-utils": "passwd", "pam": "libpam-modules",
    "systemd": "systemd", "dracut": "dracut-core", "shim-x64": "shim-signed",
    "grub2-efi-x64-modules": "grub-efi-amd64-bin", "openssh-server": "openssh-server",
}  # fmt: skip
KERNEL = re.compile(r"linux-image-\d")

# Packages made of one Debian package besides it: their name, and the paths that go there.
SPLIT = {
    "kernel-core": {
        "kernel-modules": re.compile(
            r"/usr/lib/modules/[^/]+/kernel/(sound|drivers/(media|infiniband|isdn|staging|gpu))/"
        ),
        "kernel-modules-core": re.compile(r"/usr/lib/modules/[^/]+/kernel/"),
    }
}


def rpm_name(deb: str) -> str | None:
    """What a Debian package is called here; None for one that is left out."""
    if KERNEL.match(deb):
        return "kernel-core"
    return None if deb in DROPPED else RENAMED.get(deb, deb)


def is_primary(deb: str, rpm: str) -> bool:
    """Whether the package *rpm* has the version of *deb*."""
    return PRIMARY.get(rpm, deb) == deb
