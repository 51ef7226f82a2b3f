"""A libvirt of the tests' own: a plain user's session daemon, in directories of its own.

A developer's libvirt is not touched: the daemon has its own sockets, configuration and machines,
and is gone, with them, when the tests are over.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import waiting
from building import Person

SESSION = "qemu:///session"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class PrivateLibvirt:
    """A daemon that answers at *uri* for *person* with *environment*. In *place* its machines may
    have their disks."""

    person: Person
    environment: dict[str, str]
    place: Path
    uri: str = SESSION

    def run(self, *words: str | Path, status: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a program as the daemon's user; *status* is how it shall end, None: anyhow."""
        done = waiting.ended(
            [*self.person.before, *map(str, words)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            cwd=self.place,
        )
        assert status is None or done.returncode == status, done.stdout + done.stderr
        return done

    def virsh(self, *words: str | Path) -> str:
        """What `virsh WORDS` says."""
        return self.run("virsh", "--quiet", "-c", self.uri, *words).stdout

    def give(self, path: Path) -> Path:
        """Let the daemon's user have *path* and all that is in it."""
        if self.person.before:
            subprocess.run(["chown", "-R", self.person.name, path], check=True)
        return path


@pytest.fixture(scope="session")
def libvirt(plain_user: Person) -> Iterator[PrivateLibvirt]:
    """A libvirt with QEMU and nothing else; machines that a test leaves are ended with it."""
    lacking = [name for name in ("virsh", "libvirtd") if not shutil.which(name, path=PATH)]
    if lacking:
        pytest.fail(f"not installed: {', '.join(lacking)}; `make setup` installs it")
    place = Path(tempfile.mkdtemp(prefix="lv-", dir="/var/tmp"))  # a socket's path is short
    place.chmod(0o755)
    names = {
        "HOME": "home", "XDG_RUNTIME_DIR": "run", "XDG_CONFIG_HOME": "etc",
        "XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "data", "TMPDIR": "tmp",
    }  # fmt: skip
    environment = {name: str(place / directory) for name, directory in names.items()}
    for directory in (*names.values(), "disks"):
        (place / directory).mkdir(mode=0o700)
    environment |= {"PATH": PATH, "PYTHONPATH": plain_user.path}
    private = PrivateLibvirt(plain_user, environment, place / "disks")
    private.give(place)
    (place / "disks").chmod(0o755)
    daemon = subprocess.Popen(
        [
            *plain_user.before, "setpriv", "--pdeathsig", "TERM",  # if the tests are killed
            "libvirtd", "--pid-file", str(place / "run/libvirtd.pid"),
        ],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        socket = place / "run/libvirt/libvirt-sock"  # before it is there, virsh starts another
        private.run("timeout", "600", "sh", "-c", f"until [ -S {socket} ]; do sleep 0.1; done")
        private.virsh("uri")
        yield private
    finally:
        _end(private, daemon)
        shutil.rmtree(place, ignore_errors=True)


def _end(private: PrivateLibvirt, daemon: "subprocess.Popen[bytes]") -> None:
    """Switch all machines off, then the daemon."""
    listed = private.run("virsh", "-q", "-c", private.uri, "list", "--name", status=None).stdout
    for name in listed.split():
        private.run("virsh", "-q", "-c", private.uri, "destroy", name, status=None)
    daemon.terminate()
    try:
        daemon.wait(timeout=waiting.MOMENT)
    except subprocess.TimeoutExpired:
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()
    logger = private.place.parent / "run/libvirt/virtlogd.pid"  # the daemon started it
    if logger.exists():
        pid = int(logger.read_text())
        os.kill(pid, signal.SIGKILL)
        waiting.until(lambda: not Path(f"/proc/{pid}").exists(), "the end of libvirt's logger")
