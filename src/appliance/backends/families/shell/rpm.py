"""What makes an RPM tree a configured system: shell text, run in the tree's own sandbox.

Facts: the kickstart meanings of Anaconda; locale.conf(5), vconsole.conf(5), hwclock(8),
machine-id(5).
"""

import re
import shlex
from collections.abc import Iterable

from appliance.backends.families.shell import identities
from appliance.backends.families.shell.accounts import (
    KICKSTART_PROMISED,
    kickstart_filled,
    write_file,
)
from appliance.backends.families.shell.certificates import RPM_ANCHORS, certificates
from appliance.backends.families.shell.network import rpm_network
from appliance.backends.families.shell.settings import (
    LEFT_BY_PACKAGES,
    LOGS_OF_PACKAGES,
    NO_DATES,
    NO_MACHINE_ID,
    adjusted,
    clock,
    desktop,
    firewall,
    first_boot,
    kdump,
    security,
    services,
)
from appliance.layout.fstab import crypttab, fstab
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe, Repository
from appliance.recipe.settings import Settings

PURPOSE = "/etc/rhsm/syspurpose/syspurpose.json"
UTC = ("", "UTC", "Etc/UTC", "Etc/UCT", "UCT")
PLAIN_LOCALES = ("", "C", "POSIX", "C.UTF-8", "C.utf8")
KEYMAPS = "/usr/share/systemd/kbd-model-map"  # console keymap, X layout, model, variant, options
# Updates come for every architecture, too.
MULTILIB = """\
mkdir -p /etc/dnf
grep -qs '^\\[main\\]' /etc/dnf/dnf.conf || echo '[main]' >> /etc/dnf/dnf.conf
sed -i -e '/^multilib_policy/d' -e '/^\\[main\\]/a multilib_policy=all' /etc/dnf/dnf.conf"""
# Nobody says what the system starts: whatever lets people log in, if that is there.
TARGET_OF_PACKAGES = """\
if command -v systemctl > /dev/null && command -v rpm > /dev/null; then
if rpm -q --whatprovides 'service(graphical-login)' > /dev/null 2>&1; then
systemctl set-default graphical.target
else
systemctl set-default multi-user.target
fi
fi"""
MAPS = "/usr/lib/kbd/keymaps"
CONVERTED = "/usr/lib/kbd/keymaps/xkb"  # keymaps made of X layouts: layout or layout-variant


def settings_script(recipe: Recipe, storage: Storage) -> str:
    """Write everything that the kickstart's settings mean, in Anaconda's order."""
    settings, mounts, containers = recipe.settings, fstab(storage), crypttab(storage)
    parts = [
        "set -eu",
        LEFT_BY_PACKAGES,
        identities.forgotten(),
        write_file("/etc/fstab", mounts),
        write_file("/etc/crypttab", containers, "600") if containers else "",
        *(f"mkdir -p {line.split()[1]}" for line in mounts.splitlines() if " /" in line),
        *(repository(item) for item in recipe.repositories if item.installed),
        MULTILIB if recipe.packages.multilib else "",
        certificates(settings.certificates, RPM_ANCHORS),
        security(settings),
        timezone(settings),
        clock(settings),
        kdump(settings),
        first_boot(settings),
        services(settings),
        "" if settings.target else TARGET_OF_PACKAGES,
        desktop(settings),
        language(settings.language),
        keyboard(settings),
        firewall(settings.firewall),
        write_file("/etc/hostname", f"{settings.hostname}\n") if settings.hostname else "",
        rpm_network(recipe.name, settings.interfaces),
        purpose(settings.purpose),
        KICKSTART_PROMISED,
    ]
    return "\n".join(part for part in parts if part) + "\n"


def purpose(text: str) -> str:
    """What subscription-manager reads of the system's purpose, once somebody registers it."""
    return write_file(PURPOSE, text) if text else ""


def repository(item: Repository) -> str:
    """Return shell that gives the running system another repository besides the distribution's
    own."""
    if item.known or not re.match(r"(https?|ftp)://", item.address):
        return ""
    addresses = (
        ("baseurl", item.url),
        ("metalink", item.metalink),
        ("mirrorlist", item.mirrorlist),
    )
    address = next(f"{word}={value}" for word, value in addresses if value)
    lines = [f"[{item.name}]", f"name={item.name}", "enabled=1", address]
    lines += [] if item.verified else ["sslverify=0"]
    lines += [f"proxy={item.proxy}"] if item.proxy else []
    lines += [f"cost={item.cost}"] if item.cost is not None else []
    lines += [f"priority={item.priority}"] if item.priority is not None else []
    lines += [f"includepkgs={', '.join(item.included)}"] if item.included else []
    lines += [f"excludepkgs={', '.join(item.excluded)}"] if item.excluded else []
    return write_file(f"/etc/yum.repos.d/{item.name}.repo", "\n".join(lines) + "\n")


def timezone(settings: Settings) -> str:
    """/etc/localtime, and adjtime's third line (hwclock(8))."""
    zone = shlex.quote(settings.timezone or "UTC")
    lines = [f"ln -sfn ../usr/share/zoneinfo/{zone} /etc/localtime"]
    if settings.timezone not in UTC:
        lines.insert(
            0,
            f"[ -e /usr/share/zoneinfo/{zone} ] || "
            f"{{ echo 'there is no time zone {settings.timezone}' >&2; exit 1; }}",
        )
    if settings.timezone or not settings.utc:
        lines.append(adjusted(utc=settings.utc))
    return "\n".join(lines)


def language(name: str) -> str:
    """The system's locale; C.UTF-8 if the image has none of that name, as Anaconda does."""
    if name in PLAIN_LOCALES:
        return write_file("/etc/locale.conf", 'LANG="C.UTF-8"\n')
    wanted, quoted = shlex.quote(name), shlex.quote(re.sub("(?i)utf-?8", "utf8", name))
    return f"""\
locale={wanted}
if command -v locale > /dev/null && ! locale -a | grep -qixF -e {wanted} -e {quoted}; then
echo 'appliance-note: lang: the image has no locale {name}; C.UTF-8 is used'
locale=C.UTF-8
fi
echo "LANG=\\"$locale\\"" > /etc/locale.conf"""


def keyboard(settings: Settings) -> str:
    """The console's keymap and X's layouts; of two that are said one way, systemd's table of
    keymaps gives the other, unless there is a keymap made of just that layout.

    A keymap is written only where something can load it: else a unit would fail at each boot.
    """
    found = [
        re.fullmatch(r"\s*(\S+?)\s*(?:\((.*)\))?\s*", item) for item in settings.keyboard_layouts
    ]
    pairs = [(match[1], match[2] or "") for match in found if match]
    if not pairs and not settings.keymap:
        return ""
    layout, variant = pairs[0] if pairs else ("", "")
    return f"""\
keymap={shlex.quote(settings.keymap)}
layouts={shlex.quote(",".join(name for name, _ in pairs))}
variants={shlex.quote(",".join(name for _, name in pairs))}
made={shlex.quote(f"{layout}-{variant}".rstrip("-"))}
if [ -z "$keymap" ] && ls {CONVERTED}/"$made".map* > /dev/null 2>&1; then keymap=$made; fi
if [ -e {KEYMAPS} ]; then
while read -r map x _ v _; do
if [ "$v" = - ]; then v=; fi
if [ -z "$keymap" ] && [ "$x,$v" = {shlex.quote(f"{layout},{variant}")} ]; then keymap=$map; fi
if [ -z "$layouts" ] && [ "$map" = "$keymap" ]; then layouts=$x variants=$v; fi
done < {KEYMAPS}
# not a keymap's name: then it is that of a layout
if [ -z "$layouts" ] && [ -n "$keymap" ]; then
while read -r map x _ v _; do
if [ "$x$v" = "$keymap-" ]; then layouts=$keymap keymap=$map; break; fi
done < {KEYMAPS}
fi
fi
if [ -n "$keymap" ] && [ -d {MAPS} ] && [ -z "$(find {MAPS} -name "$keymap.map*")" ]; then
echo "appliance-note: keyboard: the image has no keymap $keymap; that of the kernel stays"
elif [ -n "$keymap" ] && command -v loadkeys > /dev/null; then
echo "KEYMAP=\\"$keymap\\"" > /etc/vconsole.conf
if [ -e /usr/lib/kbd/consolefonts/eurlatgr.psfu.gz ]; then
echo 'FONT="eurlatgr"' >> /etc/vconsole.conf
fi
fi
if [ -n "$layouts" ]; then
mkdir -p /etc/X11/xorg.conf.d
{{
echo 'Section "InputClass"'
echo '        Identifier "system-keyboard"'
echo '        MatchIsKeyboard "on"'
echo "        Option \\"XkbLayout\\" \\"$layouts\\""
if [ -n "$(echo "$variants" | tr -d ,)" ]; then
echo "        Option \\"XkbVariant\\" \\"$variants\\""
fi
{_switch(settings.keyboard_switch)}echo 'EndSection'
}} > /etc/X11/xorg.conf.d/00-keyboard.conf
fi"""


def _switch(options: Iterable[str]) -> str:
    text = ",".join(options)
    line = shlex.quote(f'        Option "XkbOptions" "{text}"')
    return f"echo {line}\n" if text else ""


# An empty machine-id, not "uninitialized", which systemd would take for a first boot: it would ask
# questions on the console and apply the presets again, undoing `services`.
FINISH = """\
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id /var/lib/systemd/random-seed
rm -f /var/lib/systemd/credential.secret /boot/loader/random-seed /root/.bash_history
rm -f /var/lib/NetworkManager/secret_key /var/lib/NetworkManager/*.lease
rm -f /etc/passwd- /etc/shadow- /etc/group- /etc/gshadow- /etc/subuid- /etc/subgid-
rm -f /var/cache/ldconfig/aux-cache /etc/.pwd.lock /var/lib/rpm/.rpm.lock
rm -f /usr/lib/sysimage/rpm/.rpm.lock
rm -rf /var/cache/dnf/* /var/cache/libdnf5/* /var/cache/yum/* /var/cache/man/* \\
    /var/cache/fontconfig/* /var/tmp/dracut.*
for database in /usr/lib/sysimage/rpm/rpmdb.sqlite /var/lib/rpm/rpmdb.sqlite \\
    /var/lib/dnf/history.sqlite /usr/lib/sysimage/libdnf5/transaction_history.sqlite; do
# what SQLite leaves beside a database that all have closed; a log that is not empty is part of it
if [ -e "$database" ] && [ ! -s "$database-wal" ]; then rm -f "$database-wal" "$database-shm"; fi
done
# what the packages' scripts did need not be done again at first boot (ConditionNeedsUpdate=)
touch -r /usr /etc/.updated /var/.updated
"""


def finish_script(kickstart: str) -> str:
    """Remove what belongs to the build or must not be the same in two machines."""
    quoted = shlex.quote(kickstart)
    return (
        f"set -eu\n{kickstart_filled(quoted)}\n{NO_MACHINE_ID}{NO_DATES}{FINISH}{LOGS_OF_PACKAGES}"
    )
