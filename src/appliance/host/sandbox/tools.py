"""The programs of another root filesystem, on this machine's files.

Facts: mount_namespaces(7), pivot_root(2).
"""

import os
from collections.abc import Sequence
from pathlib import Path

from appliance.host.sandbox.furniture import devices, programs
from appliance.host.sandbox.kernel import (
    CLONE_NEWNS,
    MS_NODEV,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    RefusalError,
    bind,
    held,
    mount,
    pivot,
    unshare,
)

NEVER = ("usr", "etc", "dev", "proc", "sys")  # a place there would hide what tools need
HOST = ("resolv.conf", "hosts")  # in /etc: how names become addresses here
ROOMS = ("etc", "root", "run", "var/cache", "var/lib", "var/log")


def enter_tools(root: str, places: Sequence[str], argv: list[str]) -> int:
    """Become *argv*, with the /usr and /etc of *root*, in the directory that we are in; *places*
    of this machine are where they are, and may be written to. Raises RefusalError if one of the
    places would hide what tools need, or if *root* has no such program."""
    unshare(CLONE_NEWNS)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    directory = Path.cwd()
    # opened first: what is mounted below may hide where they are
    tools, kept = held(root), [(held(place), Path(place)) for place in places]
    new = Path("/tmp")  # ours alone: this mount namespace is private
    mount("tmpfs", new, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    for name in (*ROOMS, "dev", "proc"):
        (new / name).mkdir(parents=True)
    for name in ("tmp", "var/tmp"):
        (new / name).mkdir()
        (new / name).chmod(0o1777)
    programs(new, tools)
    _settings(new, tools)
    bind("/proc", new / "proc")
    devices(new / "dev")
    for source, place in kept:
        _show(source, place, new)
    pivot(new)
    if directory.is_dir():
        os.chdir(directory)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        raise RefusalError(f"{argv[0]} in {root}: {error.strerror}") from error


def _settings(new: Path, tools: Path) -> None:
    """Give *new* the /etc of *tools*, but for this machine's own hosts and resolv.conf. It is a
    directory of links to the files, since no file that *tools* lacks could be added to theirs."""
    (new / ".etc").mkdir()
    bind(tools / "etc", new / ".etc", MS_RDONLY | MS_NODEV)
    for name in sorted(os.listdir(tools / "etc")):  # noqa: PTH208 - names are all we need
        if name not in HOST:
            (new / "etc" / name).symlink_to(f"../.etc/{name}")
    for host in (Path("/etc", name) for name in HOST):
        if host.is_file():
            (new / "etc" / host.name).write_bytes(host.read_bytes())


def _show(source: Path, place: Path, new: Path) -> None:
    if len(place.parts) < 2 or not place.is_absolute() or place.parts[1] in NEVER:
        raise RefusalError(f"{place} cannot be used together with another root's tools")
    target = new / place.relative_to("/")
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    bind(source, target)
