"""Rules of the conventions that look at an appliance's files.

Facts: file-hierarchy(7), os-release(5), systemd.unit(5), systemd.service(5), systemd.exec(5),
systemd.mount(5) on x-systemd.growfs, shadow(5), sshd_config(5), apt_sources(5), dnf.conf(5).
"""

import re
from collections.abc import Iterator

from appliance.backends.image_rules.convention_model import Breach, Told
from appliance.filesystem_facts import FILESYSTEMS
from appliance.layout.fstab_reading import mount_lines

TOP = frozenset({
    "afs", "bin", "boot", "dev", "efi", "etc", "home", "initrd.img", "initrd.img.old", "lib",
    "lib32", "lib64", "libx32", "loader", "lost+found", "media", "mnt", "opt", "proc", "root",
    "run", "sbin", "srv", "sys", "tmp", "usr", "var", "vmlinuz", "vmlinuz.old",
    "bin.usr-is-merged", "lib.usr-is-merged", "sbin.usr-is-merged", "lib64.usr-is-merged",
})  # fmt: skip
SYSTEM = ("/usr/lib/os-release", "/etc/os-release")
CREDENTIALS = "appliance-credentials.service"
FIRST_BOOT = ("/usr/libexec/appliance/first-boot", "appliance-first-boot.service")
BOOT_TEXTS = (
    r"/boot/grub2?/grub\.cfg|/(boot/|boot/efi/|efi/)?loader/entries/[^/]+\.conf"
    r"|/boot/extlinux/extlinux\.conf|/boot/cmdline\.txt"
)
ARGUMENTS = re.compile(r"^\s*(?:linux(?:16|efi)?|options|append)\s+(.*)$", re.MULTILINE | re.I)
SERIAL = re.compile(r"\bconsole=(ttyS|ttyAMA|hvc)\d")
SCREEN = re.compile(r"\bconsole=tty\d")
OWN_UNIT = r"/etc/systemd/system/[^/]+\.service"
ELSEWHERE = re.compile(r"^Standard(?:Output|Error)\s*=\s*(file|append|truncate|null)\b", re.M)
READY = re.compile(r"^Type\s*=\s*(notify|notify-reload|dbus|oneshot|forking)\s*$", re.M)
STARTED = re.compile(r"^(WantedBy|RequiredBy)\s*=", re.M)
APT_SOURCES = r"/etc/apt/sources\.list|/etc/apt/sources\.list\.d/[^/]+\.(list|sources)"
DNF_SOURCES = r"/etc/yum\.repos\.d/[^/]+\.repo"
UNSIGNED = re.compile(
    r"^\s*deb\b[^\n]*\btrusted=yes|^Trusted:\s*yes|^\s*gpgcheck\s*=\s*(?:0|no|false)\s*$",
    re.M | re.I,
)
FSTAB = "/etc/fstab"
BY_ORDER = re.compile(r"/dev/(sd|vd|hd|xvd|nvme)")
DRAWN = re.compile(
    r"/etc/ssh/ssh_host_[^/]*_key(\.pub)?|/var/lib/systemd/(random-seed|credential\.secret)"
)
READ_ONLY = tuple(row.mounted_as for row in FILESYSTEMS.values() if row.read_only)


def system_is_named(told: Told) -> Iterator[Breach]:
    """Breaches of rule 1.3 of the conventions."""
    text = "".join(map(told.text, SYSTEM))
    for word in ("ID", "PRETTY_NAME"):
        if not re.search(rf"^{word}=.", text, re.M):
            yield Breach(SYSTEM[0], f"{word} is not said")


def top_is_usual(told: Told) -> Iterator[Breach]:
    """Breaches of rule 2.1 of the conventions."""
    for path in told.entries:
        if path.count("/") == 1 and path != "/" and path[1:] not in TOP:
            yield Breach(path, "in /opt, /srv or /var/lib it would be found")


def local_is_empty(told: Told) -> Iterator[Breach]:
    """Breaches of rule 2.2 of the conventions."""
    for path in told.files(r"/usr/local/.*"):
        yield Breach(path, "in /opt, or in a package, it would not be in the administrator's way")


def takes_credentials(told: Told) -> Iterator[Breach]:
    """Breaches of rule 3.1 of the conventions."""
    if not told.enabled(CREDENTIALS) and not told.has("/usr/bin/cloud-init"):
        yield Breach(
            f"/usr/lib/systemd/system/{CREDENTIALS}",
            "it is not started: %include an AOS, or snippets/credentials-debian.ks",
        )


def no_open_account(told: Told) -> Iterator[Breach]:
    """Breaches of rule 3.2 of the conventions."""
    for line in told.text("/etc/shadow").splitlines():
        name, colon, rest = line.partition(":")
        if colon and rest.startswith(":"):
            yield Breach("/etc/shadow", f"{name} has an empty password")
    for path in told.files(r"/etc/ssh/sshd_config(\.d/[^/]+\.conf)?"):
        if re.search(r"^\s*PermitEmptyPasswords\s+yes\b", told.text(path), re.M | re.I):
            yield Breach(path, "it lets empty passwords in")


def talks_on_both_consoles(told: Told) -> Iterator[Breach]:
    """Rule 4.1. An image without boot menus is started by others, who say it."""
    for path in told.files(BOOT_TEXTS):
        for arguments in ARGUMENTS.findall(told.text(path)):
            for wanted, word in ((SERIAL, "console=ttyS0"), (SCREEN, "console=tty0")):
                if "root=" in arguments and not wanted.search(arguments):
                    yield Breach(path, f"the kernel is not told {word}")
                    return


def greets(told: Told) -> Iterator[Breach]:
    """Rule 4.2. A link is as good as a file: it leads into /usr/lib."""
    if not told.has("/etc/issue"):
        yield Breach("/etc/issue", "there is none")


def logs_to_journal(told: Told) -> Iterator[Breach]:
    """Breaches of rule 5.1 of the conventions."""
    for path in told.files(OWN_UNIT):
        if found := ELSEWHERE.search(told.text(path)):
            yield Breach(path, f"its messages go to {found[1]}")


def nothing_drawn_yet(told: Told) -> Iterator[Breach]:
    """Breaches of rule 6.1 of the conventions."""
    if told.text("/etc/machine-id").strip() not in ("", "uninitialized"):
        yield Breach("/etc/machine-id", "all copies would be the same machine")
    for path in told.entries:
        if DRAWN.fullmatch(path):
            yield Breach(path, "all copies would have it")


def first_boot_is_enabled(told: Told) -> Iterator[Breach]:
    """Breaches of rule 6.2 of the conventions."""
    program, unit = FIRST_BOOT
    if told.has(program) and not told.enabled(unit):
        yield Breach(program, f"{unit} does not start it")


def knows_updates(told: Told) -> Iterator[Breach]:
    """Breaches of rule 7.1 of the conventions."""
    for manager, sources in (("/usr/bin/apt-get", APT_SOURCES), ("/usr/bin/dnf", DNF_SOURCES)):
        if told.has(manager) and not any(map(told.text, told.files(sources))):
            yield Breach(manager, "no repository is known to it")


def updates_are_signed(told: Told) -> Iterator[Breach]:
    """Breaches of rule 7.2 of the conventions."""
    for path in told.files(rf"{APT_SOURCES}|{DNF_SOURCES}|/etc/dnf/dnf\.conf"):
        if found := UNSIGNED.search(told.text(path)):
            yield Breach(path, found[0].strip())


def says_when_ready(told: Told) -> Iterator[Breach]:
    """Breaches of rule 8.1 of the conventions."""
    if told.bundle and told.bundle.product.ports:
        return
    for path in told.files(OWN_UNIT):
        text = told.text(path)
        if STARTED.search(text) and not READY.search(text):
            yield Breach(path, "Type=notify, or a [[port]] in the sheet")


def mounts_by_identity(told: Told) -> Iterator[Breach]:
    """Breaches of rule 9.1 of the conventions."""
    for line in mount_lines(told.text(FSTAB)):
        if BY_ORDER.match(line.source):
            yield Breach(FSTAB, f"{line.point} is looked for at {line.source}")


def root_grows(told: Told) -> Iterator[Breach]:
    """Breaches of rule 9.2 of the conventions."""
    for line in mount_lines(told.text(FSTAB)):
        said = line.options.split(",")
        grows = "x-systemd.growfs" in said or told.enabled("grow-partition.service")
        if line.point == "/" and line.kind not in READ_ONLY and "ro" not in said and not grows:
            yield Breach(FSTAB, "x-systemd.growfs is not among the options of /")
