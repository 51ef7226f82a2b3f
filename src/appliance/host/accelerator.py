"""The QEMU of this machine, and whether guests can use its virtualisation: found out by running
one."""

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from appliance.errors import CommandError, HostError
from appliance.host import command
from appliance.units import SECTOR

PROGRAMS = ("qemu-system-x86_64", "/usr/libexec/qemu-kvm", "qemu-kvm")
PROBE_SECONDS = 20
PACE = 2  # 2^PACE nanoseconds for an instruction: what emulation reaches on a machine of its own
WORD = b"KVM"
DEBUG_PORT, KEYBOARD_PORT, RESET = 0xE9, 0x64, 0xFE
KVM_DEVICE = Path("/dev/kvm")


@dataclass(frozen=True)
class Accelerator:
    """How QEMU executes a guest's instructions.

    *name*: kvm or tcg, as QEMU calls its accelerators.
    *arguments*: the words of QEMU's command line that choose it and the processor.
    *time_scale*: what every time-out for a guest has to be multiplied by.
    *reason*: why this one was chosen, for people.
    """

    name: str
    arguments: tuple[str, ...]
    time_scale: float
    reason: str


def find() -> str:
    """The emulator's path; raises HostError naming the package."""
    for program in PROGRAMS:
        if found := shutil.which(program):
            return found
    raise HostError(
        "QEMU is not installed",
        hint="apt install qemu-system-x86, or: dnf install qemu-system-x86-core",
    )


def kvm() -> Accelerator:
    """Return the accelerator with which the processor itself runs the guest."""
    return Accelerator("kvm", ("-accel", "kvm", "-cpu", "host"), 1.0, "guests run on KVM")


def tcg(reason: str, *, whole: bool = False) -> Accelerator:
    """Return the accelerator with which QEMU translates the guest's instructions: 5 to 20 times
    slower than the processor itself.

    One thread serves all virtual processors: QEMU 7.2 with a thread for each of them corrupted
    kernels. Unless *whole*, the processor lacks the instruction cmpxchg16b (cx16): QEMU 7.2 left
    wrong flags behind it for an interrupt to find, and kernels died of that. Programs that are
    built for x86-64-v2 insist on the instruction.

    A busy guest's clock counts its instructions (-icount in qemu(1)), an idle one's our seconds.
    So no time-out of its own, 90 seconds for a disk to appear (systemd.mount(5)) or 120 for a
    login, is over early because the emulator is slow or other programs have the processor.
    """
    processor = "max" if whole else "max,-cx16"
    words = ("-accel", "tcg,thread=single", "-cpu", processor, "-icount", f"shift={PACE}")
    return Accelerator("tcg", words, 10.0, reason)


@cache
def choose() -> Accelerator:
    """KVM if a guest really runs on it, otherwise emulation; found out once per process.

    That /dev/kvm exists proves little: under some hypervisors guests on it die at once. Guests
    that die later are not found out here. Raises HostError if there is no QEMU.
    """
    if not KVM_DEVICE.exists():
        return tcg("no /dev/kvm here: guests are emulated, which is slow")
    if not os.access(KVM_DEVICE, os.R_OK | os.W_OK):
        return tcg("no permission for /dev/kvm (join the group kvm): guests are emulated")
    candidate = kvm()
    if proves(candidate):
        return candidate
    return tcg("/dev/kvm exists, but a guest on it died: guests are emulated, which is slow")


def proves(accelerator: Accelerator) -> bool:
    """Whether a guest of 512 bytes runs to its end on *accelerator*: it writes a word to the debug
    port, then resets."""
    with TemporaryDirectory(prefix="appliance-") as place:
        disk = Path(place) / "sector"
        disk.write_bytes(boot_sector())
        try:
            said = command.run(
                [
                    "timeout", str(PROBE_SECONDS), find(), *accelerator.arguments,
                    "-m", "32", "-nodefaults", "-display", "none", "-no-reboot",
                    "-drive", f"file={disk},format=raw,if=ide,file.locking=off",
                    "-debugcon", "stdio",
                ]
            )  # fmt: skip
        except CommandError:
            return False
        return WORD.decode() in said


def boot_sector() -> bytes:
    """Return the boot sector that is the guest of proves(): for each letter of WORD
    `mov al, letter; out 0xe9, al`; then a reset; then halt."""
    writes = [(DEBUG_PORT, letter) for letter in WORD] + [(KEYBOARD_PORT, RESET)]
    program = b"".join(bytes([0xB0, value, 0xE6, port]) for port, value in writes)
    halt = bytes([0xF4, 0xEB, 0xFD])
    return (program + halt).ljust(SECTOR - 2, b"\0") + b"\x55\xaa"
