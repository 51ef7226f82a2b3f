"""What must be true in an appliance that runs: a table of questions and how to judge answers."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance.boot.console import ShellAnswer
from appliance.errors import RequestError
from appliance.filesystem_facts import facts
from appliance.host.short_texts import short_text
from appliance.units import KIB, SECTOR, show

FULL = 0.9  # of its partition must be filesystem; the rest is its own administration
ROUTE_TRIES = 60
DEFAULT_ROUTE = "00000000"
CHECK_SECONDS = 300
LONGEST_CHECK = 64 * KIB  # bytes of a check of the author's: it is typed into the console


class Shell(Protocol):
    """Someone in the guest who runs commands."""

    def run(self, command: str, *, seconds: float = 60) -> ShellAnswer:
        """Run a shell command; *seconds* grow with the machine's time scale."""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one answer, and what it rests on."""

    passed: bool
    evidence: str


@dataclass(frozen=True)
class Question:
    """What is asked in the guest.

    *name*: the name of the check.
    *command*: the shell command that is run.
    *seconds*: how long it may take on a fast machine.
    *judge*: returns whether the answer is good, and what that rests on.
    """

    name: str
    command: str
    seconds: float
    judge: Callable[[ShellAnswer], Verdict]


def started(answer: ShellAnswer) -> Verdict:
    """Passes when the start-up is over, be it with failed units: those are another question."""
    state = answer.output.strip()
    return Verdict(state in ("running", "degraded"), state or "systemctl does not answer")


def no_unit_failed(answer: ShellAnswer) -> Verdict:
    """Passes when systemctl lists no failed unit."""
    said = answer.output.strip()
    if answer.status:
        return Verdict(False, said or "systemctl does not answer")
    return Verdict(not said, said or "none failed")


def has_route(answer: ShellAnswer) -> Verdict:
    """Passes when /proc/net/route, or the IPv6 one, has a default route over a real card."""
    addresses, routes = [], []
    for line in answer.output.splitlines():
        words = line.split()
        if words[:1] == ["address"]:
            addresses.append(" ".join(words[1:]))
        elif len(words) == 11 and words[1] == words[7] == DEFAULT_ROUTE:
            routes.append(words[0])
        elif len(words) == 10 and words[0] == "0" * 32 and words[1] == "00" and words[9] != "lo":
            routes.append(words[9])
    if not routes:
        return Verdict(False, "no default route\n" + answer.output.strip())
    return Verdict(True, ", ".join((f"default route over {routes[0]}", *addresses)))


def fills_its_place(answer: ShellAnswer) -> Verdict:
    """Passes when / fills FULL of its device, and its partition ends within the disk; or when it
    is one that cannot grow, since nobody writes to it."""
    sizes: dict[str, int] = {}
    for line in answer.output.splitlines():
        name, _, size = line.partition("=")
        if size.strip().isdecimal():
            sizes[name] = int(size)
    if not sizes.get("filesystem") or not sizes.get("device"):
        return Verdict(False, "sizes unknown\n" + answer.output.strip())
    filesystem, device = sizes["filesystem"], sizes["device"]
    says = f"{show(filesystem)} on {show(device)}"
    kind = facts(next((line[5:] for line in answer.output.splitlines() if line[:5] == "kind="), ""))
    if kind.read_only:
        return Verdict(True, f"{says}: {kind.name} is as large as what is in it")
    if filesystem < FULL * device:
        return Verdict(False, f"{says}: the root filesystem does not fill its partition")
    end = sizes.get("start", 0) * SECTOR + device
    if "disk" in sizes and end > sizes["disk"]:
        return Verdict(False, f"the root partition ends at {show(end)} of {show(sizes['disk'])}")
    return Verdict(True, says)


QUESTIONS = (
    Question("start-up finished", "systemctl is-system-running --wait", 120, started),
    Question(
        "no unit failed",
        "for unit in $(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1); do"
        " systemctl status --no-pager --full -n 10 $unit; done; true",
        60,
        no_unit_failed,
    ),
    Question(
        "network",
        f"for try in $(seq {ROUTE_TRIES}); do"
        " grep -qs '^[^[:space:]]*[[:space:]]00000000[[:space:]]' /proc/net/route && break;"
        " sleep 1; done; cat /proc/net/route /proc/net/ipv6_route 2>/dev/null;"
        " if command -v ip > /dev/null; then ip -o addr show scope global"
        ' | while read n card kind a rest; do echo "address $a"; done;'
        " else hostname -I | tr ' ' '\\n' | sed -n 's/^\\(.\\)/address \\1/p'; fi",
        ROUTE_TRIES + 30,
        has_route,
    ),
    Question(
        "root filesystem size",
        "source=$(findmnt -no SOURCE /); source=${source%%[*}; source=$(readlink -f $source);"
        " echo kind=$(findmnt -no FSTYPE /);"
        " echo filesystem=$(df -B1 --output=size / | tail -n 1);"
        " echo device=$(lsblk -bdno SIZE $source);"
        " echo start=$(cat /sys/class/block/${source##*/}/start 2>/dev/null);"
        " disk=$(lsblk -dno PKNAME $source | head -n 1);"
        " echo disk=$(lsblk -bdno SIZE /dev/$disk)",
        60,
        fills_its_place,
    ),
)


def author_check(script: Path) -> Question:
    """The author's own check: a script for sh, or for what its first line names.

    It passes when it ends with status 0. Raises RequestError if it cannot be read.
    """
    try:
        text = short_text(script, LONGEST_CHECK)
    except (OSError, ValueError) as error:
        raise RequestError(f"cannot read the check {script}: {error}") from None
    run = text.split("\n", 1)[0][2:].strip() if text.startswith("#!") else "sh"
    command = (
        f"file=$(mktemp) && printf %s {shlex.quote(text)} > $file && {run} $file;"
        " status=$?; rm -f $file; exit $status"
    )
    return Question(script.name, command, CHECK_SECONDS, ended_well)


def ended_well(answer: ShellAnswer) -> Verdict:
    """Passes with exit status 0; the evidence is all that the script printed."""
    said = answer.output.strip()
    ending = f"exit status {answer.status}"
    return Verdict(answer.status == 0, f"{ending}\n{said}" if said else ending)
