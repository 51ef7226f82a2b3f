"""A real libvirt defines the domain that lies beside the AOS, starts it, and we log in."""

import re
import shutil
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest
from tests.boot.conftest import PASSWORD, Build

import waiting
from launching import startable
from libvirt_fixtures import PrivateLibvirt

SECONDS = 1200  # of silence: an emulated guest on a busy machine


class Console:
    """A terminal at a socket."""

    def __init__(self) -> None:
        self.socket, self.seen = socket.socket(socket.AF_UNIX), ""

    def open(self, path: Path) -> None:
        self.socket.connect(str(path))
        self.socket.settimeout(5)

    def until(self, pattern: str) -> str:
        """Read until *pattern* is there; what came before."""
        end = time.monotonic() + SECONDS
        while not (found := re.search(pattern, self.seen)):
            if time.monotonic() > end:
                waiting.late(f"{pattern!r}; the last line: {self.seen.splitlines()[-1:]}")
            with suppress(TimeoutError):
                self.seen += self.socket.recv(4096).decode(errors="replace")
                end = time.monotonic() + SECONDS
        before, self.seen = self.seen[: found.end()], self.seen[found.end() :]
        return before

    def until_closed(self) -> None:
        """Read until the machine is gone: one whose console nobody reads does not go."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            with suppress(TimeoutError):
                if not self.socket.recv(4096):
                    return
        waiting.late("the end of the machine")

    def say(self, line: str) -> None:
        self.socket.sendall(line.encode() + b"\n")


@pytest.mark.slow
def test_libvirt_starts_what_we_describe(libvirt: PrivateLibvirt, build: Build) -> None:
    place = build("aos-debian", "--releasever", "trixie")
    pool, disk = libvirt.place / "pool", place / "aos-debian-sda.qcow2"
    pool.mkdir()
    shutil.copy(disk, pool)
    libvirt.give(pool)
    console = libvirt.place / "console"
    text = (place / "aos-debian.libvirt.xml").read_bytes()
    written = pool / "domain.xml"
    written.write_bytes(startable(text, type="unix", mode="bind", path=str(console)))
    written.chmod(0o644)

    libvirt.virsh("pool-create-as", "default", "dir", "--target", pool)
    reached = Console()
    try:
        libvirt.virsh("define", "--validate", written)
        libvirt.virsh("start", "aos-debian")
        reached.open(console)
        reached.until("login: ")
        reached.say("root")
        reached.until("assword: ")
        reached.say(PASSWORD)
        reached.until("[#$] ")
        reached.say(
            "lsblk --noheadings --nodeps --output NAME,TRAN; ls /sys/class/net; echo 6x$((6*7))"
        )
        said = reached.until("6x42")
        assert re.search(r"vda\s+virtio", said)
        reached.say("poweroff")
        reached.until_closed()
        domain = ("domstate", "aos-debian")
        waiting.until(lambda: libvirt.virsh(*domain).strip() == "shut off", "the domain's end")
        libvirt.virsh("undefine", "aos-debian")
    finally:
        reached.socket.close()
        libvirt.virsh("pool-destroy", "default")
