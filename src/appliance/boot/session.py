"""`appliance run`: start an appliance here and join the user's terminal with it."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pexpect

from appliance.boot import access as ways
from appliance.boot import ovmf, terminal
from appliance.boot.access import GuestAccess
from appliance.boot.console import FATAL, AcceleratorError
from appliance.boot.credentials import Identity, credentials, parse
from appliance.boot.emulated_instead import instead
from appliance.boot.emulator import Launch
from appliance.boot.machine import LOCALHOST, RunningMachine, answers, check_free, free_port
from appliance.bundle.model import UEFI
from appliance.errors import RequestError
from appliance.host.accelerator import Accelerator, choose
from appliance.intake import compressed_disks as compressed
from appliance.intake.digests import check_disks
from appliance.intake.disk_images import discs
from appliance.intake.images import Image

SSH_PORT = 22
SSH_SECONDS = 120
POWER_SECONDS = 30
TELL_SECONDS = 10  # between two lines that say what is waited for
LEAVE = "The console is here. To stop the machine: Ctrl-A X. QEMU's own commands: Ctrl-A C."
BROKEN = tuple(phrase for phrase in FATAL if phrase.kind is AcceleratorError)
Say = Callable[[str], None]


def port(text: str) -> tuple[int, int]:
    """HOST:GUEST as two numbers; raises RequestError if they are not port numbers."""
    here, colon, there = text.partition(":")
    if not colon or not all(end.isdecimal() and 0 < int(end) < 65536 for end in (here, there)):
        raise RequestError(f"'{text}' is not HOST:GUEST", hint="--forward 8080:80")
    return int(here), int(there)


@dataclass(frozen=True)
class Wishes:
    """What the user of `appliance run` asked for, as it was typed; 0 and empty leave it to the
    image.

    *firmware*: BIOS or UEFI.
    *memory*: the machine's memory in bytes.
    *cpus*: the number of virtual processors.
    *graphics*: True for a window.
    *persist*: True if what the guest writes is kept in the image.
    *ports*: ports of this host and the guest, each as HOST:GUEST.
    *ssh*: True to log in over ssh instead of on the console.
    *user*: who logs in over ssh.
    *ssh_key*: the file of the key that lets the user in.
    *password*: root's password at this launch.
    *hostname*: the machine's name at this launch.
    *credentials*: further system credentials, each as NAME=VALUE.
    *disk_bus*: what disks hang on, one of DISK_BUSES.
    *network_card*: the card that the guest sees, one of NETWORK_CARDS.
    *discs*: ISO images, each in a CD drive.
    """

    firmware: str = ""
    memory: int = 0
    cpus: int = 0
    graphics: bool = False
    persist: bool = False
    ports: tuple[str, ...] = ()
    ssh: bool = False
    user: str = ways.ROOT
    ssh_key: Path | None = None
    password: str = ""
    hostname: str = ""
    credentials: tuple[str, ...] = ()
    disk_bus: str = ""
    network_card: str = ""
    discs: tuple[Path, ...] = ()


def run_image(image: Image, wishes: Wishes, *, say: Say) -> int:
    """Run *image* until the machine stops or the user leaves; with *ssh*, until that session ends.

    Returns 0, or the status of ssh. A guest that dies of KVM is started once more, emulated.
    Raises RequestError, also for a disk that is not the one that its bundle describes, unless the
    guest may change it; HostError and BootError.
    """
    image = image.sized(memory=wishes.memory, cpus=wishes.cpus)
    image = image.on(disk_bus=wishes.disk_bus, network_card=wishes.network_card)
    for disk in image.disks:
        if disk.packed and wishes.persist:
            raise RequestError(
                f"{disk.path} is packed: nothing can be kept in it",
                hint=compressed.by_hand(disk.path),
            )
    if not wishes.persist:  # what was kept in it has changed it
        check_disks(image)
    with tempfile.TemporaryDirectory(prefix="appliance-") as place:
        key = wishes.ssh_key or (ways.new_key(Path(place)) if wishes.ssh else None)
        launch = plan_launch(image, wishes, key)
        for pair in launch.ports:
            check_free(*pair)
        private = ways.private_key(key) if key else None
        ssh = GuestAccess(wishes.user, key=private) if wishes.ssh else None
        log = Path(place) / "console.log"
        accelerator = choose()
        while True:
            try:
                return _run(launch, accelerator, ssh, log=log, say=say)
            except AcceleratorError as failure:
                accelerator = instead(accelerator, failure)


def plan_launch(image: Image, wishes: Wishes, key: Path | None) -> Launch:
    """What *wishes* mean for *image*; the public half of *key* may log in as root."""
    identity = Identity(
        ssh_key=ways.public_key(key) if key else "",
        password_hash=ways.hashed(wishes.password) if wishes.password else "",
        hostname=wishes.hostname,
        extra=tuple(parse(text) for text in wishes.credentials),
    )
    if key and wishes.user != ways.ROOT:
        name = f"ssh.authorized_keys.{wishes.user}"
        identity = replace(identity, extra=((name, identity.ssh_key), *identity.extra))
    return Launch(
        image=image,
        memory=image.machine.memory,
        cpus=image.machine.cpus,
        ovmf=ovmf.find() if (wishes.firmware or image.machine.firmware) == UEFI else None,
        ports=tuple(port(text) for text in wishes.ports),
        credentials=credentials(identity),
        persist=wishes.persist,
        graphics=wishes.graphics,
        discs=discs(wishes.discs),
    )


def _run(
    launch: Launch, accelerator: Accelerator, ssh: GuestAccess | None, *, log: Path, say: Say
) -> int:
    say(accelerator.reason)
    for here, there in launch.ports:
        say(f"{LOCALHOST}:{here} leads to its port {there}")
    if not launch.persist:
        say("What it writes is forgotten when it stops (--persist keeps it).")
    if ssh:
        return _over_ssh(launch, accelerator, ssh, log=log, say=say)
    say(LEAVE)
    with RunningMachine(replace(launch, monitor=True), accelerator, log=log) as machine:
        terminal.join(machine.child, _watch)
        return _status(machine.child)


def _over_ssh(
    launch: Launch, accelerator: Accelerator, access: GuestAccess, *, log: Path, say: Say
) -> int:
    here = free_port()
    launch = replace(launch, ports=(*launch.ports, (here, SSH_PORT)))
    say(f"Waiting for its ssh server; it will be on {LOCALHOST}:{here}. Ctrl-C stops it.")
    with RunningMachine(launch, accelerator, log=log) as machine:
        server = "its ssh server"
        machine.console.wait_until(
            _telling(lambda: answers(here), server, say), server, seconds=SSH_SECONDS
        )
        say("It answers. The machine stops when you log out.")
        words = ways.ssh_words(access, here)
        child = pexpect.spawn(words[0], list(words[1:]), timeout=None, encoding="utf-8")
        terminal.join(child, lambda data: None)
        status = _status(child)
        machine.power_off(seconds=POWER_SECONDS)
        return status


def _telling(happened: Callable[[], bool], what: str, say: Say) -> Callable[[], bool]:
    """Return *happened* as a function that says now and then that *what* is still waited for."""
    began = said = time.monotonic()

    def asked() -> bool:
        nonlocal said
        if happened():
            return True
        if (now := time.monotonic()) - said >= TELL_SECONDS:
            said = now
            say(f"Still waiting for {what}, for {now - began:.0f} s.")
        return False

    return asked


def _status(child: "pexpect.spawn[str]") -> int:
    """The exit status of a program whose output ended."""
    child.wait()
    return child.exitstatus if child.exitstatus is not None else 128 + (child.signalstatus or 0)


def _watch(data: bytes) -> None:
    for phrase in BROKEN:
        if phrase.words.encode() in data:
            raise AcceleratorError(phrase.meaning)
