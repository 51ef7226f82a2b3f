"""What makes a Debian tree a configured system: shell text, run in the tree's own sandbox.

Facts: the kickstart meanings of Anaconda; Debian's locale-gen(8), keyboard(5),
kernel-img.conf(5), initramfs.conf(5).
"""

import re
import shlex
from collections.abc import Iterable

from appliance.backends.families.apt_sources import AptSource, SystemSources, stanza_of
from appliance.backends.families.shell import identities
from appliance.backends.families.shell.accounts import (
    KICKSTART_PROMISED,
    NOTE,
    kickstart_filled,
    write_file,
)
from appliance.backends.families.shell.certificates import DEBIAN_ANCHORS, certificates
from appliance.backends.families.shell.network import debian_network
from appliance.backends.families.shell.settings import (
    LEFT_BY_PACKAGES,
    LOGS_OF_PACKAGES,
    NO_DATES,
    NO_MACHINE_ID,
    adjusted,
    clock,
    desktop,
    firewall,
    kdump,
    security,
    services,
)
from appliance.recipe.settings import Settings

# The kernel's links in /boot follow every update, so that grub.cfg can name them.
SEEDS = (("etc/kernel-img.conf", "do_symlinks = yes\nlink_in_boot = yes\n"),)
ZONES = "/usr/share/zoneinfo"
# A name of old, whose file is in the package tzdata-legacy: what tzdata says that it is another
# name of (zic(8), links).
OLD_NAME = f"""\
if [ ! -e "{ZONES}/$zone" ] && [ -e {ZONES}/tzdata.zi ]; then
found=$(sed -n "s,^L \\([^ ]*\\) $zone\\$,\\1,p" {ZONES}/tzdata.zi)
zone=${{found:-$zone}}
fi"""
PLAIN_LOCALES = ("", "C", "POSIX", "C.UTF-8", "C.utf8")
UTC = ("", "UTC", "Etc/UTC", "Etc/UCT", "UCT")

# Console keymaps whose X layout has another name (systemd's kbd-model-map).
X_LAYOUTS = {"uk": "gb", "sv": "se", "cz": "cz", "jp106": "jp", "croat": "hr", "dk": "dk"}


def settings_script(
    name: str,
    settings: Settings,
    *,
    fstab: str,
    crypttab: str,
    sources: SystemSources,
) -> str:
    """Write everything that the settings of the recipe *name* mean, in Anaconda's order."""
    parts = [
        "set -eu",
        LEFT_BY_PACKAGES,
        identities.forgotten(),
        write_file("/etc/fstab", fstab),
        write_file("/etc/crypttab", crypttab, "600") if crypttab else "",
        *(f"mkdir -p {line.split()[1]}" for line in fstab.splitlines() if " /" in line),
        apt(sources),
        *map(repository, sources.installed),
        certificates(settings.certificates, DEBIAN_ANCHORS),
        security(settings),
        timezone(settings),
        clock(settings),
        kdump(settings),
        services(settings),
        desktop(settings),
        language(settings.language, settings.more_languages),
        keyboard(settings),
        firewall(settings.firewall),
        hostname(settings.hostname),
        debian_network(name, settings.interfaces),
        HOST_KEYS,
        KICKSTART_PROMISED,
    ]
    return "\n".join(part for part in parts if part) + "\n"


def apt(sources: SystemSources) -> str:
    """Where the running system takes its updates from."""
    if not sources.official:
        return ""
    written = write_file(f"/etc/apt/sources.list.d/{sources.file}", sources.official)
    return f"if [ -d /etc/apt ]; then\n{written}\nfi"


def repository(source: AptSource) -> str:
    """Return shell that gives the running system another source of packages: a stanza in a file of
    the source's name."""
    name = re.sub("[^A-Za-z0-9_.-]", "_", source.name)  # apt passes over other names
    key = shlex.quote(source.keyring)
    note = f"repo --install {source.name}: the image has no {source.keyring}; apt will not trust it"
    return f"""\
if [ -d /etc/apt ]; then
{write_file(f"/etc/apt/sources.list.d/{name}.sources", stanza_of(source))}
[ -e {key} ] || echo {shlex.quote(f"{NOTE} {note}")}
fi"""


def timezone(settings: Settings) -> str:
    """/etc/localtime, and adjtime's third line (hwclock(8))."""
    zone = settings.timezone or "Etc/UTC"
    lines = [f"zone={shlex.quote(zone)}"]
    if settings.timezone not in UTC:
        lines += [
            OLD_NAME,
            f'[ -e "{ZONES}/$zone" ] || {{ echo "there is no time zone $zone" >&2; exit 1; }}',
        ]
    lines.append(f'if [ -e "{ZONES}/$zone" ]; then ln -sfn "{ZONES}/$zone" /etc/localtime; fi')
    lines.append('echo "$zone" > /etc/timezone')
    if settings.timezone or not settings.utc:
        lines.append(adjusted(utc=settings.utc))
    return "\n".join(lines)


def language(name: str, more: Iterable[str] = ()) -> str:
    """The system's locale; it and the others are generated if they are not built in."""
    lines = [
        f"echo {shlex.quote(f'{_encoded(each)} {_charset(each)}')} >> /etc/locale.gen"
        for each in dict.fromkeys((name, *more))
        if each not in PLAIN_LOCALES
    ]
    lines += ["locale-gen"] if lines else []
    locale = _encoded(name) or "C.UTF-8"
    lines.append(f"locale={shlex.quote(locale)}")
    if locale not in PLAIN_LOCALES:
        built = shlex.quote(re.sub("(?i)utf-?8", "utf8", locale))
        lines.append(f"""\
if ! locale -a | grep -qixF -e {shlex.quote(locale)} -e {built}; then
echo 'appliance-note: lang: there is no locale {locale}; C.UTF-8 is used'
locale=C.UTF-8
fi""")
    lines.append('echo "LANG=$locale" > /etc/default/locale')
    return "\n".join(lines)


def _encoded(name: str) -> str:
    """A locale with its encoding: cs_CZ alone is the one in Latin-2, which nobody means today."""
    plain = name in PLAIN_LOCALES or "." in name
    language, at, modifier = name.partition("@")
    return name if plain else f"{language}.UTF-8{at}{modifier}"


def _charset(name: str) -> str:
    charset = _encoded(name).partition(".")[2].partition("@")[0]
    return "UTF-8" if charset.lower() in ("utf8", "utf-8") else charset


def layouts(settings: Settings) -> list[str]:
    """X layouts, as `cz (qwerty)`; from the console's keymap if none is named."""
    if settings.keyboard_layouts:
        return list(settings.keyboard_layouts)
    stem = settings.keymap.partition("-")[0]
    return [X_LAYOUTS.get(stem, stem)] if stem else []


def keyboard(settings: Settings) -> str:
    """/etc/default/keyboard, which the console and X both read on Debian."""
    found = [re.fullmatch(r"\s*(\S+?)\s*(?:\((.*)\))?\s*", item) for item in layouts(settings)]
    pairs = [(match.group(1), match.group(2) or "") for match in found if match]
    if not pairs:
        return ""
    variants = ",".join(variant for _, variant in pairs)
    text = (
        'XKBMODEL="pc105"\n'
        f'XKBLAYOUT="{",".join(layout for layout, _ in pairs)}"\n'
        f'XKBVARIANT="{variants if variants.strip(",") else ""}"\n'
        f'XKBOPTIONS="{",".join(settings.keyboard_switch)}"\nBACKSPACE="guess"\n'
    )
    return write_file("/etc/default/keyboard", text)


def hostname(name: str) -> str:
    """/etc/hostname and /etc/hosts; without a name the network may give one."""
    own = f"127.0.1.1 {name} {name.partition('.')[0]}\n" if name else ""
    hosts = (
        f"127.0.0.1 localhost\n{own}::1 localhost ip6-localhost ip6-loopback\n"
        "ff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n"
    )
    return "\n".join(
        (write_file("/etc/hostname", f"{name or 'localhost'}\n"), write_file("/etc/hosts", hosts))
    )


# Every machine makes its own keys: those of the build are removed, and nothing on Debian would
# make new ones at boot.
HOST_KEYS = """\
if [ -e /usr/sbin/sshd ]; then
mkdir -p /etc/systemd/system
cat > /etc/systemd/system/ssh-host-keys.service <<'END'
[Unit]
Description=Make this machine's SSH host keys
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
Before=ssh.service ssh.socket

[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A

[Install]
WantedBy=multi-user.target ssh.service
END
systemctl enable ssh-host-keys.service
fi"""


def finish_script(kickstart: str) -> str:
    """Remove what belongs to the build or must not be the same in two machines."""
    quoted = shlex.quote(kickstart)
    return f"""\
set -eu
{kickstart_filled(quoted)}
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id /var/lib/systemd/random-seed
rm -f /var/lib/systemd/credential.secret /root/.bash_history /root/.wget-hsts
rm -f /etc/passwd- /etc/shadow- /etc/group- /etc/gshadow- /etc/subuid- /etc/subgid-
rm -f /var/lib/dpkg/*-old /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/man/* /var/cache/fontconfig/*
rm -rf /var/tmp/mkinitramfs*
{LOGS_OF_PACKAGES}{NO_DATES}{NO_MACHINE_ID}"""
