"""Where files of Debian's packages belong in a system of the Fedora kind, and which do not."""

import os
import re
import stat
from dataclasses import replace

from .names import ID
from .rpm_file import File
from .rpm_header import IS_CONFIG, IS_DOC, LICENSE, NO_REPLACE

EFI = "/boot/efi/EFI"
LEFT_OUT = re.compile(
    r"""/(usr/share/(lintian|bug|doc-base|initramfs-tools|apport|menu|pam-configs|reportbug)
    | etc/(init\.d|rc.\.d|apparmor\.d|network|dhcp|ppp|sv|runit|ufw|cron\.[a-z]+
        |kernel/(postinst|postrm|header_postinst)\.d|apt|dpkg)
    | usr/share/python3/runtime\.d | usr/lib/init | usr/share/debianutils
    )(/|$)""",
    re.VERBOSE,
)
LEFT_OUT_OF = {
    "filesystem": re.compile(
        r"/(etc/(os-release|debian_version|issue|issue.net|update-motd.d.*|dpkg.*|host.conf|default)"
        r"|usr/lib/os-release|usr/share/base-files.*|usr/share/common-licenses)$"
    ),
    "setup": re.compile(r"/(usr/sbin/.*|usr/share/base-passwd)$"),
    "grub2-tools": re.compile(
        r"/(etc/grub\.d/(05_|10_|20_|30_os).*|usr/sbin/update-grub2?|usr/share/grub/default.*)$"
    ),
    "pam": re.compile(r"/(usr/sbin/pam-auth-update|usr/share/pam)$"),
    "rpm": re.compile(r"/usr/lib/rpm/macros.d/macros.debian.*$"),
}
UNITS = "/usr/lib/systemd/system"
MOVED = {
    ("openssh-server", f"{UNITS}/ssh.service"): f"{UNITS}/sshd.service",
    ("openssh-server", f"{UNITS}/ssh.socket"): f"{UNITS}/sshd.socket",
    ("chrony", f"{UNITS}/chrony.service"): f"{UNITS}/chronyd.service",
    ("shim-x64", "/usr/lib/shim/shimx64.efi.signed"): f"{EFI}/{ID}/shimx64.efi",
    ("shim-x64", "/usr/lib/shim/mmx64.efi.signed"): f"{EFI}/{ID}/mmx64.efi",
    ("shim-x64", "/usr/lib/shim/fbx64.efi.signed"): f"{EFI}/BOOT/fbx64.efi",
}
KERNEL_FILE = re.compile(r"/boot/(vmlinuz|config|System\.map)-(.*)$")
POLICY = "/selinux/default"

# Directories that `filesystem` owns, so that no other package has to.
_STANDARD = """/boot /boot/efi /dev /etc /etc/default /etc/pki /etc/profile.d /etc/skel /etc/opt
    /etc/sysconfig /etc/systemd /etc/pam.d /etc/xdg /home /media /mnt /opt /proc /root
    /run /srv /sys /tmp /usr /usr/bin /usr/games /usr/include /usr/lib /usr/lib64
    /usr/lib/x86_64-linux-gnu /usr/libexec /usr/local /usr/sbin /usr/share /usr/share/doc
    /usr/share/info /usr/share/locale /usr/share/man /usr/src /var /usr/lib/systemd
    /usr/lib/systemd/system /usr/lib/sysusers.d /usr/lib/tmpfiles.d /var/cache /var/lib
    /var/local /var/lock /var/log /var/mail /var/opt /var/run /var/spool /var/tmp /lib
    /lib64 /bin /sbin"""
STANDARD = frozenset(_STANDARD.split())
LANGUAGE = re.compile(r"/usr/share/(?:locale/([^/]+)/|man/([a-z]{2}[^/]*)/man)")
DOCUMENTS = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/info/")


def is_left_out(rpm: str, path: str) -> bool:
    """Whether the package *rpm* does without the file *path*."""
    own = LEFT_OUT_OF.get(rpm)
    return bool(LEFT_OUT.match(path) or (own and own.match(path)))


def place(rpm: str, path: str) -> str:
    """Where the file *path* of Debian's belongs in the package *rpm*."""
    if rpm == "kernel-core" and (match := KERNEL_FILE.match(path)):
        return f"/usr/lib/modules/{match[2]}/{match[1]}"
    if rpm == "selinux-policy-targeted":
        path = path.replace(POLICY, "/selinux/targeted")
    return merged(MOVED.get((rpm, path), path))


def merged(path: str) -> str:
    """The same where /bin, /sbin, /lib, /lib64 are in /usr, and /usr/sbin is /usr/bin."""
    if path.startswith(("/bin/", "/sbin/", "/lib/", "/lib64/")):
        path = f"/usr{path}"
    return re.sub("^/usr/sbin/", "/usr/bin/", path)


def points_at_itself(file: File) -> bool:
    """Whether a link became one to itself by merging directories."""
    target = os.path.normpath(os.path.join(os.path.dirname(file.path), file.link))  # noqa: PTH118, PTH120
    return merged(target) == file.path


def is_standard(path: str) -> bool:
    """Whether `filesystem` owns the directory *path*."""
    return path in STANDARD or path.startswith(("/usr/share/man/", "/usr/share/locale/"))


def marked(file: File, configuration: frozenset[str]) -> File:
    """The file with flags and language as its path tells them."""
    if stat.S_ISDIR(file.mode) or file.flags:
        return file
    flags = IS_CONFIG | NO_REPLACE if file.path in configuration else 0
    if file.path.startswith(DOCUMENTS):
        flags |= LICENSE if file.path.endswith("/copyright") else IS_DOC
    language = LANGUAGE.match(file.path)
    said = (language[1] or language[2]) if language else ""
    return replace(file, flags=flags, lang=said)
