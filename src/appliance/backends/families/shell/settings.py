"""Settings that both kinds of family make in the same way: shell text, run in the tree's own
sandbox.

Facts: the kickstart meanings of Anaconda; firewall-offline-cmd(1), selinux_config(5),
authselect(8), chrony.conf(5), timesyncd.conf(5), systemd.special(7).
"""

import shlex

from appliance.backends.families.shell.accounts import write_file
from appliance.recipe.settings import Firewall, Settings, TimeServer

NOTE = "appliance-note:"
CHRONY = ("/etc/chrony.conf", "/etc/chrony/chrony.conf")
SSH = "ssh"
SSH_PORT = ("22", "22:tcp")

# What installing wrote; the author's own scripts come later, and what they leave is kept.
LEFT_BY_PACKAGES = """\
if command -v find > /dev/null; then
find /var/log /var/tmp -xdev ! -type d -delete
fi"""
# Passwords that never get old need no date. A machine whose clock is behind would doubt it.
NO_DATES = """\
if [ -e /etc/shadow ]; then
day=$((${SOURCE_DATE_EPOCH:-0} / 86400))
sed -i -E "s/^([^:]*:[^:]*):$day:([^:]*:(99999)?:)/\\1::\\2/" /etc/shadow
fi
"""
# Empty: each machine makes an id of its own. An author may ask for "uninitialized", which makes
# the first boot one to systemd, too (machine-id(5)).
NO_MACHINE_ID = """\
if [ "$(cat /etc/machine-id 2> /dev/null)" != uninitialized ]; then : > /etc/machine-id; fi
chmod 444 /etc/machine-id
"""

# The logs of package managers whom the author's scripts called, and of what they called: their
# times differ in every build.
LOGS_OF_PACKAGES = """\
rm -rf /var/log/apt/* /var/log/journal/[0-9a-f][0-9a-f][0-9a-f][0-9a-f]* /var/log/dnf*
rm -f /var/log/hawkey.log /var/log/yum.log
rm -f /var/log/dpkg.log /var/log/alternatives.log /var/log/fontconfig.log /var/log/bootstrap.log
rm -f /var/log/lastlog /var/log/faillog /var/log/tallylog /var/log/wtmp* /var/log/btmp*
rm -f /var/log/dracut.log
"""


def security(settings: Settings) -> str:
    """Return shell that sets SELinux's mode, and with authselect how PAM asks who somebody is."""
    parts = []
    if settings.selinux:
        mode = settings.selinux
        without = f"echo '{NOTE} selinux --{mode}: the image has no policy, so it has no effect'"
        parts.append(f"""\
if [ -e /etc/selinux/config ]; then
sed -i 's/^SELINUX=.*/SELINUX={mode}/' /etc/selinux/config
grep -q '^SELINUX=' /etc/selinux/config || echo 'SELINUX={mode}' >> /etc/selinux/config
{"" if mode == "disabled" else f"else{chr(10)}{without}{chr(10)}"}fi""")
    if settings.authselect:
        words = shlex.join(settings.authselect)
        parts.append(f"""\
if command -v authselect > /dev/null; then
authselect {words} --force
else
echo '{NOTE} authselect: the image does not have it; nothing is changed'
fi""")
    return "\n".join(parts)


def services(settings: Settings) -> str:
    """Disable services first, then enable some; a unit that is missing is said and passed over."""
    lines = []
    for verb, names in (
        ("disable", settings.disabled_services),
        ("enable", settings.enabled_services),
    ):
        lines += [
            f"systemctl {verb} {shlex.quote(name)} || "
            f"echo '{NOTE} services: there is no unit {name} to {verb}'"
            for name in names
        ]
    return "\n".join(lines)


def adjusted(*, utc: bool) -> str:
    """/etc/adjtime, whose third line says what the hardware clock shows (hwclock(8))."""
    return f"printf '0.0 0 0.0\\n0\\n{'UTC' if utc else 'LOCAL'}\\n' > /etc/adjtime"


def clock(settings: Settings) -> str:
    """Return shell that says who sets the clock: the distribution's own servers, unless others are
    named."""
    if not settings.time_synced:
        return """\
for unit in chronyd.service chrony.service systemd-timesyncd.service ntpd.service; do
if systemctl is-enabled "$unit" > /dev/null 2>&1; then systemctl disable "$unit"; fi
done"""
    if not settings.time_servers:
        return ""
    chrony = "".join(f"{_chrony(server)}\n" for server in settings.time_servers)
    names = " ".join(server.host for server in settings.time_servers)
    return f"""\
asked=
for file in {" ".join(CHRONY)}; do
if [ -e "$file" ]; then
sed -i -E '/^[[:space:]]*(server|pool|peer)[[:space:]]/d' "$file"
printf %s {shlex.quote(chrony)} >> "$file"
asked=$file
fi
done
if [ -n "$asked" ]; then
systemctl enable chronyd.service 2> /dev/null || systemctl enable chrony.service
elif [ -e /usr/lib/systemd/systemd-timesyncd ]; then
mkdir -p /etc/systemd/timesyncd.conf.d
printf '[Time]\\nNTP=%s\\n' {shlex.quote(names)} > /etc/systemd/timesyncd.conf.d/kickstart.conf
systemctl enable systemd-timesyncd.service
else
echo 'the image has nothing that asks time servers: chrony in %packages?' >&2
exit 1
fi"""


def _chrony(server: TimeServer) -> str:
    word = "pool" if server.pool else "server"
    return f"{word} {server.host} iburst{' nts' if server.nts else ''}"


def firewall(wanted: Firewall | None) -> str:
    """firewalld, told while it does not run. A machine stays reachable by SSH unless somebody
    says otherwise; what is said beside --disabled holds once it is enabled."""
    if wanted is None or wanted.enabled is None:
        return ""
    words = ["--enabled" if wanted.enabled else "--disabled"]
    asked = (*wanted.services, *wanted.removed_services)
    if SSH not in asked and not any(port in SSH_PORT for port in wanted.ports):
        words.append(f"--service={SSH}")
    words += [f"--trust={device}" for device in wanted.trusted]
    words += [f"--port={_port(port)}" for port in wanted.ports]
    words += [f"--remove-service={name}" for name in wanted.removed_services]
    words += [f"--service={name}" for name in wanted.services]
    missing = (
        "echo 'firewall --enabled: the image has no firewalld' >&2; exit 1"
        if wanted.enabled
        else ":"
    )
    return f"""\
if command -v firewall-offline-cmd > /dev/null; then
firewall-offline-cmd {shlex.join(words)}
systemctl {"enable" if wanted.enabled else "disable"} firewalld.service
else {missing}
fi"""


def _port(said: str) -> str:
    return said if ":" in said else f"{said}:tcp"


def desktop(settings: Settings) -> str:
    """Return shell that sets whether the system starts a graphical session, and which one."""
    parts = []
    if settings.target:
        parts.append(f"""\
if command -v systemctl > /dev/null; then
systemctl set-default {settings.target}.target
fi""")
    if settings.desktop:
        parts.append(write_file("/etc/sysconfig/desktop", f"DESKTOP={settings.desktop}\n"))
    return "\n".join(parts)


def first_boot(settings: Settings) -> str:
    """Return shell that has somebody asked for missing settings at the first boot, if that is
    wished."""
    verb = "enable" if settings.first_boot in ("enabled", "reconfig") else "disable"
    script = f"""\
for unit in initial-setup.service initial-setup-graphical.service initial-setup-text.service; do
if [ -e "/usr/lib/systemd/system/$unit" ]; then systemctl {verb} "$unit"; fi
done"""
    if settings.first_boot == "reconfig":
        script += "\n: > /etc/reconfigSys"
    return script


def kdump(settings: Settings) -> str:
    """Return shell that says whether a crashed kernel leaves a dump; the memory for it is reserved
    in the kernel's arguments."""
    if not settings.crash_kernel:
        return ""
    verb = "disable" if settings.crash_kernel == "off" else "enable"
    return f"""\
for unit in kdump.service kdump-tools.service; do
if [ -e "/usr/lib/systemd/system/$unit" ]; then systemctl {verb} "$unit"; fi
done"""
