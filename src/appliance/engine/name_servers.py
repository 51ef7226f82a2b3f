"""Lend this machine's resolv.conf to a script, and take it back without losing what it changed.

Authors truncate the file, remove it, put a link in its place or add to it. What they did stays in
the image, with what the file said before; our name servers do not.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.host.script_network import name_servers

HOST = Path("/etc/resolv.conf")


@contextmanager
def lent_resolver(find: Callable[[str], Path], clock: int, *, own: bool = False) -> Iterator[None]:
    """Put the content of this machine's resolv.conf into the image's, unless that states servers,
    and take it back in the end. *find* returns the file that is a path of the image; a link that is
    put back gets the time *clock*. With *own* the servers are those of a network of its own."""
    place = find("etc") / HOST.name
    if not HOST.exists() or not place.parent.is_dir() or _names_servers(place):
        yield
        return
    before, text = _Before.of(place), HOST.read_bytes()
    if own:
        text = name_servers(text.decode(errors="replace")).encode()
    place.unlink(missing_ok=True)
    place.write_bytes(text)
    try:
        yield
    finally:
        if find("etc") == place.parent and place.is_file() and not place.is_symlink():
            now = place.read_bytes()
            if now == text:
                before.put_back(place, clock)
            elif text and text in now:
                place.write_bytes(now.replace(text, before.lines, 1))


def _names_servers(place: Path) -> bool:
    plain = place.is_file() and not place.is_symlink()
    return plain and b"nameserver" in place.read_bytes()


@dataclass(frozen=True)
class _Before:
    """What the image had as its resolv.conf: a link, a file, or neither.

    *link*: where the link led; empty if it was none.
    *text*: what the file held; None if it was none.
    *mode*: the permissions of the file.
    *times*: when the file was read and written last, in nanoseconds since 1970.
    *parent*: these times of the directory that it is in.
    """

    link: str
    text: bytes | None
    mode: int
    times: tuple[int, int]
    parent: tuple[int, int]

    @property
    def lines(self) -> bytes:
        """Whole lines, so that others can follow; none of what was no file."""
        text = self.text or b""
        return text if not text or text.endswith(b"\n") else text + b"\n"

    @staticmethod
    def of(own: Path) -> "_Before":
        here = own.parent.stat()
        parent = (here.st_atime_ns, here.st_mtime_ns)
        if own.is_symlink():
            return _Before(str(own.readlink()), None, 0, (0, 0), parent)
        if not own.is_file():
            return _Before("", None, 0, (0, 0), parent)
        status = own.stat()
        times = (status.st_atime_ns, status.st_mtime_ns)
        return _Before("", own.read_bytes(), status.st_mode & 0o7777, times, parent)

    def put_back(self, own: Path, clock: int) -> None:
        own.unlink()
        if self.link:
            own.symlink_to(self.link)
            os.utime(own, ns=(clock * 10**9,) * 2, follow_symlinks=False)
        elif self.text is not None:
            own.write_bytes(self.text)
            own.chmod(self.mode)
            os.utime(own, ns=self.times)
        os.utime(own.parent, ns=self.parent)
