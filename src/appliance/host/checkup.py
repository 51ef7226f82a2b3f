"""Whether this machine can build appliances, and what to change where it cannot."""

import getpass
import os
import re
from dataclasses import dataclass
from pathlib import Path

from appliance.host import probe
from appliance.host.tools import TOOLS, Tool
from appliance.units import GIB, show

GOOD, POOR, BAD = "good", "poor", "bad"
SUBORDINATES = 65536  # ids that an image's users and groups may have
FIRST_SUBORDINATE = 100_000
SMALL_STORE, SMALL_MEMORY = 4 * GIB, 2 * GIB
NAMESPACE_KNOBS = (
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("user.max_user_namespaces", "0", "15000"),
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
)  # setting, the value that forbids namespaces, one that allows them (sysctl(8))
PURPOSES = {
    "build": "nothing is built without it",
    "debian": "only images of Debian and its kind need it",
    "rpm": "only images of Fedora, CentOS, RHEL and those that follow them need it",
    "disks": "only images whose kickstart asks for that filesystem need it",
    "formats": "only some disk formats and archives need it",
    "selinux": "only images with an SELinux policy need it",
    "scripts": "scripts get their network from it; one of pasta and slirp4netns does",
    "brand": "only `appliance brand rpm` needs it",
    "boot": "only `appliance run` and `appliance test` need it",
    "libvirt": "only `virt-image` needs it, and only to use libvirt",
    "imgcreate": "only programs that import imgcreate need it",
    "look": "only `appliance diff` and `appliance test` need it",
}
OF_USERS = tuple(tool for tool in TOOLS.values() if tool.purpose != "tests")
CONTAINER_STARTS = {
    "docker": "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined …",
    "podman": "podman run --security-opt seccomp=unconfined --security-opt unmask=ALL …",
}


@dataclass(frozen=True)
class HostFinding:
    """One thing that was looked at on this machine, and what it means for a build.

    *topic*: what was looked at.
    *verdict*: good, poor (a build is slower or can do less) or bad (no build is possible).
    *text*: what was found, for people.
    *cure*: the command that changes it; empty where nothing has to change.
    """

    topic: str
    verdict: str
    text: str
    cure: str = ""


def checkup(store: Path) -> tuple[HostFinding, ...]:
    """Look at everything that a build needs, with its results kept in *store*."""
    return (*tools(), namespaces(), *subordinate_ids(), space(store), memory())


def can_build(findings: tuple[HostFinding, ...]) -> bool:
    """Whether nothing that was found forbids a build."""
    return all(finding.verdict != BAD for finding in findings)


def tools(known: tuple[Tool, ...] = OF_USERS) -> tuple[HostFinding, ...]:
    """Return one finding for each program of *known*: its version, or what to install."""
    lacking = dict(probe.missing(tool.name for tool in known))
    here = tuple(tool.name for tool in known if tool.name not in lacking)
    versions = dict(probe.tool_versions(here))
    return tuple(
        HostFinding(
            tool.name,
            BAD if tool.purpose == "build" else POOR,
            f"not installed: {PURPOSES[tool.purpose]}",
            probe.install_hint([lacking[tool.name]]),
        )
        if tool.name in lacking
        else HostFinding(tool.name, GOOD, versions[tool.name])
        for tool in known
    )


def namespaces(root: Path = probe.SYSTEM) -> HostFinding:
    """Say whether this host lets a build have its namespace, by really making one."""
    refusal = probe.namespace_refusal()
    if not refusal:
        return HostFinding("namespaces", GOOD, "a build gets its own")
    cure = "" if "subordinate" in refusal else namespace_cure(root)  # another line tells of those
    return HostFinding("namespaces", BAD, refusal, cure)


def namespace_cure(root: Path = probe.SYSTEM) -> str:
    """Return what to change on a machine that refused a namespace, as far as its settings tell;
    empty if they do not."""
    for setting, forbids, allows in NAMESPACE_KNOBS:
        path = root / "proc/sys" / setting.replace(".", "/")
        if path.exists() and path.read_text().strip() == forbids:
            return f"sysctl {setting}={allows}"
    kind = probe.container(root)
    return CONTAINER_STARTS.get(kind, f"allow namespaces where this {kind} is started") * bool(kind)


def subordinate_ids(
    root: Path = probe.SYSTEM, *, user: str = "", number: int = -1
) -> tuple[HostFinding, ...]:
    """Say whether a plain user has the ids that an image's files belong to (subuid(5)).

    *user* and *number* are the caller's own unless given; root needs none.
    """
    number = os.geteuid() if number < 0 else number
    if number == 0:
        return (HostFinding("subordinate ids", GOOD, "not needed: root owns them all"),)
    user = user or getpass.getuser()
    files = [root / "etc" / name for name in ("subuid", "subgid")]
    ranges = [_ranges(path) for path in files]
    poor = [
        path.name
        for path, known in zip(files, ranges, strict=True)
        if not any(who in (user, str(number)) and n >= SUBORDINATES - 1 for who, _, n in known)
    ]
    if not poor:
        return (HostFinding("subordinate ids", GOOD, f"{user} has {SUBORDINATES}"),)
    ends = [start + count for known in ranges for _, start, count in known]
    first = max([FIRST_SUBORDINATE, *ends])
    span = f"{first}-{first + SUBORDINATES - 1}"
    text = f"/etc/{' and /etc/'.join(poor)} grant {user} fewer than {SUBORDINATES} ids"
    cure = f"usermod --add-subuids {span} --add-subgids {span} {user}"
    return (HostFinding("subordinate ids", BAD, text, cure),)


def space(store: Path) -> HostFinding:
    """Say whether the disk of the directory *store* has room for what a build keeps."""
    free = probe.disk_free(store)
    text = f"{show(free)} free at {store}"
    if free < SMALL_STORE:
        return HostFinding(
            "space", POOR, f"{text}; a build keeps 1 to 4 GiB", "appliance cache prune"
        )
    return HostFinding("space", GOOD, text)


def memory() -> HostFinding:
    """Say whether what a build makes on its way fits into memory; it is on disk where it does
    not."""
    free = probe.memory_available()
    if free < SMALL_MEMORY:
        return HostFinding(
            "memory", POOR, f"{show(free)} available: drafts are made on disk, slower"
        )
    return HostFinding("memory", GOOD, f"{show(free)} available")


def virtualization(
    accelerator: str, reason: str, *, device: Path = Path("/dev/kvm")
) -> HostFinding:
    """Say what it means for `run` and `test` that guests run on *accelerator* (kvm, tcg or none),
    for the *reason* that host/accelerator.py gives."""
    if accelerator == "kvm":
        return HostFinding("KVM", GOOD, reason)
    cure = ""
    if device.exists() and not os.access(device, os.R_OK | os.W_OK):
        cure = f"usermod --append --groups kvm {getpass.getuser()}"
    return HostFinding("KVM", POOR, reason, cure)


def _ranges(path: Path) -> list[tuple[str, int, int]]:
    """The lines of a subuid(5) or subgid(5) file: to whom, from which id on, and how many."""
    text = path.read_text() if path.exists() else ""
    lines = re.findall(r"^([^:#]+):(\d+):(\d+)$", text, re.MULTILINE)
    return [(who, int(start), int(count)) for who, start, count in lines]
