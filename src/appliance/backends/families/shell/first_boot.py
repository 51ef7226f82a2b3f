"""How the scripts of the first boot get into an image, and what runs them there: shell text.

Facts: systemd.system-credentials(7), systemd.exec(5) on ImportCredential=, systemd.unit(5),
pam_nologin(8), bootup(7).
"""

import shlex
from collections.abc import Iterable

from appliance.backends.families.shell.accounts import write_file
from appliance.recipe.first_boot import FirstBoot

SERVICE = "appliance-first-boot.service"
# SELinux's policies let init start what is in libexec, as any daemon; not what is in lib.
PROGRAM = "/usr/libexec/appliance/first-boot"
SCRIPTS = "/usr/libexec/appliance/first-boot.d"
STATE = "/var/lib/appliance/first-boot"
DONE = f"{STATE}/done"
# Who lets people in: the first is before all gettys, display managers, and users other than root.
LOGINS = (
    "systemd-user-sessions.service", "getty-pre.target", "ssh.service", "sshd.service",
    "dropbear.service", "cockpit.service",
)  # fmt: skip
PER_CONNECTION = ("ssh@.service", "sshd@.service")
RUNNER = """\
#!/bin/sh
# Made by appliance-tools: makes what no other copy of the appliance has, once, before anybody can
# log in. Each script runs until it has succeeded once; none runs after one that failed.
set -u
umask 077
export HOME=/root LC_ALL=C.UTF-8
export CREDENTIALS_DIRECTORY="${CREDENTIALS_DIRECTORY:-/run/credentials/@system}"
logs=/run/appliance/first-boot
issue=/run/issue.d/10-first-boot.issue
needed='@CREDENTIALS@'
cd /

# On every console: nobody can know at which one somebody looks.
say() {
    for console in $(cat /sys/class/tty/console/active); do
        printf '\\r\\n%s' "$@" > "/dev/$console" || :
        printf '\\r\\n' > "/dev/$console" || :
    done 2> /dev/null
}

# Above the login prompts, too, which wipe a screen; \\ has a meaning there (agetty(8)).
fail() {
    again="*** It is tried again at the next start. More: journalctl -u @SERVICE@"
    echo "$1"
    say "*** THE FIRST BOOT FAILED: $1" "${2:-}" "$again"
    mkdir -p "${issue%/*}"
    printf '%s\\n' "*** THE FIRST BOOT FAILED: $1" "${2:-}" "$again" '' |
        sed 's/\\\\/&&/g' > "$issue"
    exit 1
}

mkdir -p @STATE@ "$logs" || fail "@STATE@ cannot be written"

for name in $needed; do
    [ -s "$CREDENTIALS_DIRECTORY/$name" ] ||
        fail "nobody handed over the credential $name (appliance run --credential $name=VALUE)"
done

for script in @SCRIPTS@/*; do
    name=${script##*/}
    [ ! -e "@STATE@/$name" ] || continue
    say "first boot: $name"
    "$script" > "$logs/$name" 2>&1 < /dev/null
    status=$?
    cat "$logs/$name"
    if [ "$status" -ne 0 ]; then
        said=$(tail -n 15 "$logs/$name" | sed 's/^/  | /')
        rm -f "$logs/$name"
        fail "$name ended with status $status" "$said"
    fi
    rm -f "$logs/$name"
    : > "@STATE@/$name"
done
: > @DONE@
"""


def first_boot_script(wanted: FirstBoot) -> str:
    """Return shell that puts the scripts of the first boot into the image, with what runs them.

    It fails in an image without systemd, or without the interpreter of a script.
    """
    runner, digits = RUNNER, max(2, len(str(len(wanted.scripts))))  # a shell sorts 10 before 9
    for name, text in {
        "STATE": STATE, "DONE": DONE, "SCRIPTS": SCRIPTS, "SERVICE": SERVICE,
        "CREDENTIALS": " ".join(wanted.credentials),
    }.items():  # fmt: skip
        runner = runner.replace(f"@{name}@", text)
    parts = [
        "set -eu",
        "if ! command -v systemctl > /dev/null; then",
        "echo '[first-boot]: the image has no systemd, which starts its scripts' >&2",
        "exit 1\nfi",
        *map(_interpreter_exists, dict.fromkeys(each.interpreter for each in wanted.scripts)),
        write_file(PROGRAM, runner, "755"),
        *(
            write_file(f"{SCRIPTS}/{number:0{digits}}-{script.name}", script.body, "700")
            for number, script in enumerate(wanted.scripts, start=1)
        ),
        write_file(f"/etc/systemd/system/{SERVICE}", unit(wanted)),
        *(
            write_file(f"/etc/systemd/system/{login}.d/first-boot.conf", _behind())
            for login in PER_CONNECTION
        ),
        f"systemctl enable {SERVICE}",
    ]
    return "\n".join(parts) + "\n"


def unit(wanted: FirstBoot) -> str:
    """Return the systemd service that runs the scripts."""
    return (
        f"""\
[Unit]
Description=First boot of this appliance
Documentation=man:systemd.system-credentials(7)
ConditionPathExists=!{DONE}
RequiresMountsFor={STATE}
{_line("Wants", ("getty-pre.target", *wanted.after))}
{_line("After", ("ssh-host-keys.service", *wanted.after))}
{_line("Before", (*LOGINS, *wanted.before))}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={PROGRAM}
ImportCredential=*

[Install]
WantedBy=multi-user.target
{_line("RequiredBy", wanted.before)}
""".rstrip("\n")
        + "\n"
    )


def _line(key: str, units: Iterable[str]) -> str:
    words = " ".join(units)
    return f"{key}={words}" if words else ""


def _behind() -> str:
    return f"[Unit]\nAfter={SERVICE}\n"


def _interpreter_exists(program: str) -> str:
    quoted = shlex.quote(program)
    said = shlex.quote(f"[first-boot]: a script is for {program}, which the image does not have")
    return f"if [ ! -x {quoted} ]; then echo {said} >&2; exit 1; fi"
