"""A virtual machine for the length of one script: a kernel under QEMU, a root in memory, some
disks.

It does what only a kernel can do, where we may not mount anything on the host. Its root holds what
the script names and no more; when its first program ends, the kernel panics, and QEMU ends.
"""

import re
import shlex
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from appliance.errors import CommandError, HostError
from appliance.host import accelerator, command, cpio, elf, kernels, probe, rooted
from appliance.host.accelerator import Accelerator
from appliance.host.patience import Patience
from appliance.units import MIB, SECTOR, show
from appliance.work import MachineDisk

USUAL = "sh mount umount tar mkdir cp cat sleep sync insmod"  # programs
BLOCK = ("virtio_pci", "virtio_blk")  # what its disks need
MEMORY = 1024 * MIB
BEGIN, STATUS = "appliance-machine: begins", "appliance-machine: status"
CONSOLES = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
MACHINES = {"x86_64": "q35", "aarch64": "virt"}
PATIENCE = 300  # tenths of a second until a disk is there, which is at once if nothing is wrong
STRETCH = 24.0  # times the silence that is borne: in four hours every tree is on its disk
LONGEST = 64 * 1024  # characters of a line; a longer one is cut
MOST = 16 * MIB  # characters that are kept of what it prints
INIT = """\
#!/bin/sh
export PATH=/bin LD_LIBRARY_PATH=/lib LC_ALL=C TZ=UTC HOME=/ SOURCE_DATE_EPOCH={clock}
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in {modules}; do insmod "$module" || echo "$module cannot be loaded"; done
for disk in {disks}; do
  tries=0
  while [ ! -b "$disk" ] && [ "$tries" -lt {patience} ]; do sleep 0.1; tries=$((tries + 1)); done
done
echo '{begin}'
sh -eu /script < /dev/null 2>&1
echo "{status} $?"
sync
echo o > /proc/sysrq-trigger
sleep 9
"""


@dataclass(frozen=True)
class Errand:
    """One script that a machine is to run, and all that the machine needs for it.

    *script*: the text of the script, for sh.
    *programs*: the names of the programs that the script calls, besides the usual ones.
    *modules*: the names of the kernel's modules that have to be loaded.
    *disks*: what the script finds as /dev/vda, /dev/vdb and so on.
    *files*: other files of the machine's root: the path there, and the file of this host.
    *roots*: the roots in which a kernel is looked for, the best first.
    *tools*: the root that the programs come from.
    *clock*: the moment that the machine takes for now, in seconds since 1970.
    *seconds*: how long the script may be silent before the machine is ended.
    *kernels*: a directory with the files of /boot, for roots whose own is under a mount.
    *memory*: the bytes of memory that the machine has.
    """

    script: str
    programs: tuple[str, ...]
    modules: tuple[str, ...]
    disks: tuple[MachineDisk, ...]
    files: Mapping[str, Path]
    roots: tuple[Path, ...]
    tools: Path
    clock: int
    seconds: int
    kernels: Path | None = None
    memory: int = MEMORY


def run(errand: Errand, scratch: Path, *, on_line: Callable[[str], None]) -> str:
    """Run the errand's script; return what it printed, telling *on_line* each line of it.

    Where KVM breaks before the script begins, the machine is emulated. Raises CommandError if the
    script fails or is silent for too long, HostError if there is no QEMU or no program,
    RecipeError if no root has a kernel with all modules.
    """
    kernel, modules = kernels.choose(errand.roots, (*BLOCK, *errand.modules), aside=errand.kernels)
    program = accelerator.find()
    initrd = scratch / "machine.cpio"
    cpio.write(initrd, _root(errand, modules, scratch))
    chosen = accelerator.choose()
    for how in (chosen, accelerator.tcg("KVM broke")) if chosen.name == "kvm" else (chosen,):
        words = [program, *arguments(errand, kernel.image, initrd, how)]
        seconds = errand.seconds * how.time_scale
        printed, why = _listen(words, seconds, on_line)
        if BEGIN in printed:
            break
    initrd.unlink()
    return _judged(printed, why)


def arguments(errand: Errand, kernel: Path, initrd: Path, how: Accelerator) -> list[str]:
    """Return all words after QEMU's name. The files of the disks are neither locked nor flushed,
    since nobody else uses them."""
    here = probe.architecture()
    moment = datetime.fromtimestamp(errand.clock, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    words = [
        "-machine", MACHINES.get(here, "virt"), *how.arguments, "-m", str(errand.memory // MIB),
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio",
        "-rtc", f"base={moment}",
        "-kernel", str(kernel), "-initrd", str(initrd), "-append",
        f"console={CONSOLES.get(here, 'ttyS0')} quiet loglevel=3 panic=-1 selinux=0 rdinit=/init",
    ]  # fmt: skip
    for number, disk in enumerate(errand.disks):
        size = disk.size or disk.path.stat().st_size - disk.start
        file = str(disk.path).replace(",", ",,")
        words += [
            "-blockdev",
            f"driver=raw,node-name=disk{number},offset={disk.start},size={size // SECTOR * SECTOR},"
            f"read-only={'off' if disk.writable else 'on'},cache.no-flush=on,discard=unmap,"
            f"detect-zeroes={'unmap' if disk.writable else 'off'},"
            f"file.driver=file,file.locking=off,file.filename={file}",
            "-device", f"virtio-blk-pci,drive=disk{number}",
        ]  # fmt: skip
    return words


def _root(errand: Errand, modules: Sequence[Path], scratch: Path) -> dict[str, cpio.CpioEntry]:
    """Everything that the machine's root holds, by path."""
    folder = scratch / "modules"
    folder.mkdir(exist_ok=True)
    loaded = [kernels.unpack(module, folder) for module in modules]
    init = INIT.format(
        modules=" ".join(f"/modules/{path.name}" for path in loaded),
        disks=" ".join(f"/dev/vd{chr(ord('a') + n)}" for n in range(len(errand.disks))),
        clock=errand.clock, patience=PATIENCE, begin=BEGIN, status=STATUS,
    )  # fmt: skip
    entries = {
        **{name: cpio.directory() for name in ("proc", "sys", "dev", "tmp", "mnt")},
        "dev/console": cpio.console(),
        "init": cpio.file(init.encode(), 0o755),
        "script": cpio.file(errand.script.encode()),
        "lib64": cpio.link("lib"),
        "usr": cpio.link("."),
        "sbin": cpio.link("bin"),
        "etc/passwd": cpio.file(b"root:x:0:0:root:/:/bin/sh\n"),
        "etc/mtab": cpio.link("/proc/self/mounts"),
        **{f"modules/{path.name}": cpio.file(path.read_bytes()) for path in loaded},
        **{path.lstrip("/"): cpio.file(file, 0o755) for path, file in errand.files.items()},
    }
    for name, path in _programs(errand).items():
        entries[f"bin/{name}"] = cpio.file(path, 0o755)
    for name, path in elf.closure(errand.tools, _programs(errand).values()).items():
        place = (
            name.lstrip("/").replace("lib64/", "lib/") if name.startswith("/") else f"lib/{name}"
        )
        entries[place.removeprefix("usr/")] = cpio.file(path, 0o755)
    return entries


def _programs(errand: Errand) -> dict[str, Path]:
    """Where each program is; raises HostError, with what to install, if one is not there."""
    names = tuple(dict.fromkeys((*USUAL.split(), *errand.programs)))
    probe.require(names, errand.tools)
    return {
        name: rooted.find(errand.tools, probe.place(probe.known(name), errand.tools))
        for name in names
    }


def _listen(
    words: Sequence[str], seconds: float, on_line: Callable[[str], None]
) -> tuple[list[str], str]:
    """Run QEMU; return what it printed, and why it was ended, if it was."""
    on_line(f"$ {shlex.join(words)}")
    process = command.start(words)
    ended = threading.Event()
    printed: list[str] = []
    why: list[str] = []

    def watch() -> None:
        patience, heard = Patience(seconds, process.pid, most=STRETCH), 0
        while not ended.wait(1):
            if len(printed) != heard:
                heard = len(printed)
                patience.heard()
            if patience.is_over():
                why.append(f"was ended: {patience.said}")
                process.kill()
                return

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        with process:
            if process.stdout and not _heard(process.stdout, printed, on_line):
                why.append(f"printed more than {show(MOST)}")
                process.kill()
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        ended.set()
        watching.join()
    return printed, "".join(why[:1])


def _heard(said: IO[str], printed: list[str], on_line: Callable[[str], None]) -> bool:
    """Add the lines of *said* to *printed*, without what only terminals understand; False, with
    some left, if they come to more than MOST characters."""
    left = MOST
    while line := said.readline(LONGEST):
        left -= len(line)
        if left < 0:
            return False
        printed.append(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1bc|\r", "", line.rstrip("\n")))
        on_line(printed[-1])
    return True


def _judged(printed: list[str], why: str) -> str:
    """What the script printed, which is between the lines BEGIN and STATUS.

    Raises HostError if the machine did not start, CommandError if the script failed.
    """
    if BEGIN not in printed:
        raise HostError(
            "the machine that fills a filesystem did not start; its last words:",
            hint="--tools auto, whose programs may need no machine",
            tail=tuple(printed[-command.LAST_WORDS :]),
        )
    said = printed[printed.index(BEGIN) + 1 :]
    ends = [number for number, line in enumerate(said) if line.startswith(STATUS)]
    if not ends:
        raise CommandError(f"the machine {why or 'died'}; its last words:", tail=_tail(said))
    said, status = said[: ends[0]], said[ends[0]].removeprefix(STATUS).strip()
    if status != "0":
        raise command.refusal("the machine's script", int(status), _tail(said))
    return "".join(f"{line}\n" for line in said)


def _tail(lines: list[str]) -> tuple[str, ...]:
    return tuple(lines[-command.LAST_WORDS :])
