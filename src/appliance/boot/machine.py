"""A virtual machine that runs for as long as someone looks at it, and never longer."""

import ctypes
import errno
import shutil
import signal
import socket
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import pexpect

from appliance.boot import emulator
from appliance.boot.console import Console
from appliance.boot.emulator import Launch, MachineFiles
from appliance.boot.qmp import Qmp
from appliance.errors import BootError, HostError
from appliance.host.accelerator import Accelerator, find
from appliance.intake import disk_images
from appliance.intake.images import Disk

LOCALHOST = "127.0.0.1"
PR_SET_PDEATHSIG = 1  # prctl(2)
LAST_WISH = 3.0  # seconds between SIGTERM and SIGKILL


class RunningMachine:
    """QEMU, started on entry and gone on exit: also if we are killed, by the kernel's hand.

    The console's log is written by QEMU itself to *log*, so it is complete whatever happens.
    """

    def __init__(self, launch: Launch, accelerator: Accelerator, *, log: Path) -> None:
        self.launch, self.accelerator, self._log = launch, accelerator, log

    def __enter__(self) -> "RunningMachine":
        program = find()
        self._directory = tempfile.mkdtemp(prefix="appliance-")
        self.place = MachineFiles(Path(self._directory), self._log.resolve())
        try:
            self._prepare()
            words = emulator.arguments(
                self.launch, self.place, accelerator=self.accelerator.arguments
            )
            self.child = pexpect.spawn(
                program,
                words,
                encoding="utf-8",
                codec_errors="replace",
                timeout=None,
                echo=False,
                preexec_fn=_die_with_parent,
            )
        except BaseException:
            self._forget()
            raise
        self.child.delaybeforesend = None
        self.console = Console(self.child, self._log, time_scale=self.accelerator.time_scale)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.child.kill(signal.SIGTERM)  # QEMU flushes its disks
            end = time.monotonic() + LAST_WISH
            while self.child.isalive() and time.monotonic() < end:
                time.sleep(0.02)
            self.child.close(force=True)
        finally:
            self._forget()

    def screenshot(self, path: Path) -> bool:
        """Write the screen as PNG to *path*; False if this QEMU cannot (before 7.1)."""
        try:
            self.ask("screendump", filename=str(path.resolve()), format="png")
        except BootError:
            return False
        return True

    def ask(self, order: str, **arguments: object) -> object:
        """One QMP command; raises BootError if QEMU refuses or is gone."""
        talk = Qmp(self.place.qmp)
        try:
            return talk.ask(order, **arguments)
        finally:
            talk.close()

    def power_off(self, *, seconds: float) -> bool:
        """Press the power button and wait; False if the guest did not obey in time."""
        self.ask("system_powerdown")
        patience = self.console.patience(seconds)
        while not patience.is_over():
            try:
                self.child.expect(pexpect.EOF, timeout=1)
                return True
            except pexpect.TIMEOUT:
                continue
        return False

    def _prepare(self) -> None:
        if self.launch.ovmf:
            shutil.copyfile(self.launch.ovmf.variables, self.place.variables)
        for number, credential in enumerate(self.launch.credentials):
            file = self.place.credential(number)
            file.touch(mode=0o600)
            file.write_text(credential.smbios())
        image = self.launch.image
        disks = tuple(self._disk(disk, number) for number, disk in enumerate(image.disks))
        self.launch = replace(self.launch, image=replace(image, disks=disks))
        self._log.unlink(missing_ok=True)

    def _disk(self, disk: Disk, number: int) -> Disk:
        """*disk*, whose format is known now; a new or unpacked one is made in our directory."""
        if disk.scratch:
            with self.place.scratch(number).open("wb") as empty:
                empty.truncate(disk.scratch)
        if disk.packed:
            image = disk_images.unpacked(disk, self.place.scratch(number))
            return replace(disk, disk_format=image.driver)
        return disk

    def _forget(self) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)


def free_port() -> int:
    """A TCP port of this machine that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return int(probe.getsockname()[1])


def check_free(port: int, guest: int) -> None:
    """Raise HostError if this machine's *port*, which shall lead to the *guest*'s, cannot be
    opened: somebody uses it, or only root may."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as QEMU opens it
        try:
            probe.bind((LOCALHOST, port))
        except OSError as error:
            used = error.errno == errno.EADDRINUSE
            why = "is in use" if used else f"cannot be opened: {error.strerror}"
            raise HostError(
                f"--forward {port}:{guest}: the port {port} of this machine {why}",
                hint=f"--forward {free_port()}:{guest}",
            ) from None


def answers(port: int, *, greeting: bytes = b"SSH-") -> bool:
    """Whether a server behind *port* greets; QEMU itself accepts for a guest that is not up."""
    try:
        with socket.create_connection((LOCALHOST, port), timeout=5) as talk:
            return talk.recv(len(greeting)) == greeting
    except OSError:
        return False


def _die_with_parent() -> None:
    """In the child, before QEMU: if we die, however, the kernel kills it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
