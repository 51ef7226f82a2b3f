"""What this machine, or another root, has: programs and versions, memory, space, namespaces."""

import importlib
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from appliance.errors import CommandError, HostError
from appliance.host import command, rooted, sandbox
from appliance.host.tools import NOTHING, TOOLS, Tool

SYSTEM = Path("/")  # where /etc, /proc and /sys are; tests have one of their own
INSTALLERS = {"debian": "apt-get install", "fedora": "dnf install"}
THREADS = 8
END = "--- that was it ---"  # between what several tools say


def missing(tools: Iterable[str], root: Path = SYSTEM) -> list[tuple[str, str]]:
    """List which of *tools* are not in *root*, each with the package that brings it there.

    A tool that the table does not know is looked for in the PATH, and its package is assumed to
    be called the same.
    """
    fedora = distribution(root) == "fedora"
    return [
        (tool.name, tool.fedora if fedora else tool.debian)
        for tool in map(known, tools)
        if not place(tool, root)
    ]


def require(tools: Iterable[str], root: Path = SYSTEM) -> None:
    """Raise HostError, with what to install, if any of *tools* is not in *root*, or if *root* is
    not the root of a system that we may read."""
    for path in ("usr/bin", "etc", "bin/sh"):
        try:
            there = rooted.find(root, path).exists()
        except PermissionError as error:
            raise HostError(
                f"{root} may not be read: {error.strerror}",
                hint=f"a root that you may read: chmod a+rx, or another place than {root}",
            ) from error
        if not there:
            raise HostError(
                f"{root} is not the root of a system: it has no /{path}",
                hint="a directory with all of a Debian or Fedora system",
            )
    lacking = missing(tools, root)
    if lacking:
        names = ", ".join(name for name, _ in lacking)
        where = "" if root == SYSTEM else f" in {root}"
        hint = install_hint((package for _, package in lacking), root)
        raise HostError(f"not installed{where}: {names}", hint=hint)


def place(tool: Tool, root: Path = SYSTEM) -> str:
    """Say where in *root* the *tool* is, or the version of a module of Python; empty if it is not
    there."""
    if tool.module[0]:
        return _module_version(*tool.module)
    folders = command.ENVIRONMENT["PATH"].split(":")
    names = tool.programs or (tool.name,)
    for path in tool.paths or [f"{folder}/{name}" for name in names for folder in folders]:
        there = rooted.find(root, path)
        if there.exists() and (tool.paths or (there.is_file() and os.access(there, os.X_OK))):
            return path
    return ""


def tool_versions(tools: tuple[str, ...], root: Path = SYSTEM) -> tuple[tuple[str, str], ...]:
    """Return pairs (tool of *root*, what it says of its version) in the order given.

    Raises HostError, with what to install, if any of them is not there, or if the programs of
    *root* do not run on this machine.
    """
    require(tools, root)
    asked = [known(name) for name in tools]
    if root != SYSTEM:
        said = _said_in(root, [tool for tool in asked if _speaks(tool)])
        versions = [said.get(tool.name, place(tool, root)) for tool in asked]
    else:  # several are asked at once
        with ThreadPoolExecutor(THREADS) as pool:
            versions = list(pool.map(_version, asked))
    return tuple(zip(tools, versions, strict=True))


def install_hint(packages: Iterable[str], root: Path = SYSTEM) -> str:
    """Write the line that installs *packages* in *root*, each named once."""
    installer = INSTALLERS.get(distribution(root), "install")
    where = "" if root == SYSTEM else f"in {root}: "
    return f"{where}{installer} {' '.join(dict.fromkeys(packages))}"


def distribution(root: Path = SYSTEM) -> str:
    """Say which family of INSTALLERS the system in *root* is of (os-release(5)); empty if of
    neither."""
    text = _text(root / "etc/os-release") or _text(root / "usr/lib/os-release")
    says = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.MULTILINE))
    words = [says.get("ID", ""), *says.get("ID_LIKE", "").split()]
    return next((word for word in words if word in INSTALLERS), "")


def architecture() -> str:
    """The architecture of this machine, as the kernel names it: x86_64, aarch64."""
    return os.uname().machine


def memory_available(root: Path = SYSTEM) -> int:
    """Bytes of memory that a build may take without anybody swapping.

    This is what the kernel says is available, or what is left of this control group's limit
    (version 2 or 1, its parents included) if that is less.
    """
    found = re.search(r"^MemAvailable:\s+(\d+) kB", _text(root / "proc/meminfo"), re.MULTILINE)
    available = int(found[1]) * 1024 if found else 0
    return max(0, min([available, *_left_in_groups(root)]))


def disk_free(path: Path) -> int:
    """Bytes that this user may still write at *path*, which need not exist yet."""
    return shutil.disk_usage(_there(path)).free


def disk_size(path: Path) -> int:
    """Bytes of the disk that holds *path*, which need not exist yet."""
    return shutil.disk_usage(_there(path)).total


def _there(path: Path) -> Path:
    return next(parent for parent in (path, *path.absolute().parents) if parent.exists())


def namespace_refusal() -> str:
    """Say why a build cannot have its namespace on this host, by trying to make one; empty if it
    can."""
    try:
        command.run(sandbox.in_namespace(["true"]), name="the build's namespace")
    except CommandError as error:
        return error.tail[-1] if error.tail else error.problem
    return ""


def container(root: Path = SYSTEM) -> str:
    """Name the kind of container that we run in; empty if in none (systemd's rules)."""
    environment = _text(root / "proc/1/environ").split("\0")
    said = [word.partition("=")[2] for word in environment if word.startswith("container=")]
    if said and said[0]:
        return said[0]
    marks = {"run/.containerenv": "podman", ".dockerenv": "docker"}
    return next((kind for mark, kind in marks.items() if (root / mark).exists()), "")


def known(name: str) -> Tool:
    """Return what the table knows of the tool *name*; a tool that it does not know is assumed to
    be in a package of the same name."""
    return TOOLS.get(name, Tool(name, "build", name, name))


def _speaks(tool: Tool) -> bool:
    return bool(tool.asks and not tool.paths and not tool.module[0])


def _module_version(module: str, name: str) -> str:
    """The version that *module* has as *name*; one of numbers (1, 5, 7) is written as 1.5.7.
    Empty if the module cannot be imported."""
    try:
        said = getattr(importlib.import_module(module), name)
    except ImportError:
        return ""
    return said if isinstance(said, str) else ".".join(map(str, said))


def _version(tool: Tool) -> str:
    if not _speaks(tool):
        return place(tool)
    try:
        # dnf looks for rpm's database below it, and would make one there
        said = command.run([place(tool), *tool.asks], env={"HOME": NOTHING})
    except CommandError as error:
        said = "\n".join(error.tail)
    return _number_in(said)


def _number_in(said: str) -> str:
    """The first line of *said* that has a digit, which is the one with the version."""
    return next((line.strip("* ") for line in said.splitlines() if re.search(r"\d", line)), "")


def _said_in(root: Path, tools: Sequence[Tool]) -> dict[str, str]:
    """What each of *tools* says in *root*: all are asked by one shell, which is quicker."""
    lines = [f"{shlex.join([place(tool, root), *tool.asks])} 2>&1; echo {END}" for tool in tools]
    argv = sandbox.in_tools(["sh", "-c", "\n".join([*lines, "true"])], root)
    try:
        said = command.run(sandbox.in_namespace(argv), name=f"the shell of {root}")
    except CommandError as error:
        problem = error.tail[-1] if error.tail else error.problem
        raise HostError(f"the tools of {root} do not run here: {problem}") from error
    answers = said.split(f"{END}\n")
    return {tool.name: _number_in(text) for tool, text in zip(tools, answers, strict=False)}


def _left_in_groups(root: Path) -> list[int]:
    """What is left below each memory limit of our control group and its parents, in bytes."""
    left = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        top = root / "sys/fs/cgroup" / controllers
        limit, used, cache = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            if controllers
            else ("memory.max", "memory.current", "inactive_file")
        )
        inside = top / group.strip("/")
        # in a container the group's own path is not there: its root then is the group itself
        for place in (inside, *inside.parents):
            if not place.is_relative_to(top):
                break
            most, now = _text(place / limit).strip(), _text(place / used).strip()
            if most.isdigit() and now.isdigit():
                stat = dict(re.findall(r"^(\w+) (\d+)$", _text(place / "memory.stat"), re.M))
                left.append(int(most) - int(now) + int(stat.get(cache, 0)))
    return left


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
