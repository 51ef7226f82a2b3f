"""What is in a LUKS container: a kernel opens it in a machine, read-only, and copies it out.

So a header that a stranger wrote is read by nothing of this machine, which needs neither root nor a
device mapper. Passphrases go there as a disk of the machine that is in memory alone.

Facts: the LUKS2 on-disk format specification (magic, JSON area); cryptsetup-open(8).
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from appliance.errors import HostError, RecipeError, RequestError
from appliance.host import command, elf, kernel_machine
from appliance.intake.mounted import Area
from appliance.units import GIB, KIB, MIB, SECTOR, align_up
from appliance.work import MachineDisk

MAGIC = b"LUKS\xba\xbe"  # how a container begins, of version 1 and 2
SLOT = 4 * KIB  # of the disk with passphrases, for each of them
JSON_AREA = 4 * MIB  # the largest that the format knows
MEMORY = re.compile(rb'"memory":([0-9]{1,9})')  # KiB that a key slot wants, to derive its key
MOST_MEMORY = 4 * GIB  # what cryptsetup itself ever asks for
SECONDS = 1800  # without a word: nothing is said while a whole disk is copied
WRONG, REFUSED = "appliance-machine: no passphrase", 2  # status of cryptsetup(8), return codes
LATE = "libgcc_s.so.1"  # opened by pthread_exit(3) of glibc, when argon2 has done its work
SCRIPT = """\
export DM_DISABLE_UDEV=1
mkdir -p /run/cryptsetup
offset=0
for size in {sizes}; do
  status=0
  cryptsetup open --type luks --readonly --disable-locks --disable-keyring \\
    --key-file /dev/vdc --keyfile-offset "$offset" --keyfile-size "$size" /dev/vda opened \\
    || status=$?
  case $status in 0) break ;; {refused}) ;; *) exit $status ;; esac
  offset=$((offset + {slot}))
done
if [ $status != 0 ]; then echo '{wrong}'; exit 0; fi
cat /dev/mapper/opened > /dev/vdb
cat /sys/class/block/dm-0/size
"""


def is_container(area: Area) -> bool:
    """Whether *area* begins as a LUKS container does."""
    return _head(area, len(MAGIC)) == MAGIC


def decrypt(area: Area, passphrases: Sequence[str], target: Path, *, tools: Path) -> Area:
    """Copy what is in the container at *area* to the file *target*, which is nobody else's to read,
    with holes for zeros; return where it is there. Each of *passphrases* is tried.

    Raises RequestError if none of them opens it, HostError if there is no kernel or no QEMU,
    CommandError if it is damaged.
    """
    try:
        return _decrypt(area, passphrases, target, tools)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _decrypt(area: Area, passphrases: Sequence[str], target: Path, tools: Path) -> Area:
    target.touch(mode=0o600)
    with target.open("wb") as file:
        file.truncate(align_up(area.size, SECTOR))
    keys = [text.encode("utf-8", "surrogateescape") for text in passphrases]
    slots = b"".join(key.ljust(SLOT, b"\0") for key in keys)
    with (
        TemporaryDirectory(prefix="appliance-", dir=target.parent) as scratch,
        command.in_memory(slots.decode("utf-8", "surrogateescape")) as secret,
    ):
        secret.flush()
        disks = (
            MachineDisk(area.path, area.start, area.size // SECTOR * SECTOR, writable=False),
            MachineDisk(target),
            MachineDisk(Path(f"/proc/{os.getpid()}/fd/{secret.fileno()}"), writable=False),
        )
        sizes = " ".join(str(len(key)) for key in keys)
        said = _run(disks, sizes, _memory(area), tools, Path(scratch))
    if WRONG in said:
        raise RequestError(
            f"no passphrase that was given opens what is encrypted in {area.path.name}",
            hint="--passphrase file:PATH, or --passphrase ask",
        )
    size = int(said.split()[-1]) * SECTOR
    with target.open("r+b") as file:
        file.truncate(size)
    return Area(target, 0, size)


def _run(
    disks: tuple[MachineDisk, ...], sizes: str, memory: int, tools: Path, scratch: Path
) -> str:
    errand = kernel_machine.Errand(
        script=SCRIPT.format(sizes=sizes, slot=SLOT, wrong=WRONG, refused=REFUSED),
        programs=("cat", "cryptsetup", "mkdir"),
        modules=("dm_crypt",),
        disks=disks,
        files={f"lib/{LATE}": late} if (late := elf.library(Path("/"), LATE)) else {},
        roots=tuple(dict.fromkeys((tools, Path("/")))),
        tools=Path("/"),
        clock=0,
        seconds=SECONDS,
        memory=memory,
    )
    try:
        return kernel_machine.run(errand, scratch, on_line=lambda line: None)
    except RecipeError:
        raise HostError(
            "what is encrypted is read by a kernel, and there is none here that can",
            hint="apt install linux-image-cloud-amd64, or --tools ROOT with a kernel in it",
        ) from None


def _memory(area: Area) -> int:
    """The bytes of memory for a machine in which the keys of the container can be derived."""
    wanted = [int(size) * KIB for size in MEMORY.findall(_head(area, JSON_AREA))]
    return kernel_machine.MEMORY + min(max(wanted, default=0), MOST_MEMORY)


def _head(area: Area, size: int) -> bytes:
    with area.path.open("rb") as file:
        file.seek(area.start)
        return file.read(min(size, area.size))
