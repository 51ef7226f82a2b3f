"""Read a VMX, ours or another's: the machine that it describes, and the files of its disks.

Facts: virt-v2v's parser, which reads the same keys; Workstation's own files. Quotation marks and
line ends are written |22 and |0A; keys are the same in every case.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.bundle.model import BIOS, UEFI, Machine
from appliance.bundle.sense import check_size
from appliance.errors import RequestError, Where
from appliance.intake.described_machine import DescribedMachine, DiskFile
from appliance.intake.places import inside
from appliance.units import KIB, MIB, show

LONGEST = 256 * KIB  # bytes; a machine with everything has 10 KiB
MOST_DISKS, MOST_CARDS = 64, 10  # the second is VMware's own limit
LINE = re.compile(r'\s*([A-Za-z0-9_.:-]{1,200})\s*=\s*"([^"]*)"\s*')
PLACE = re.compile(r"(scsi|sata|ide|nvme)(\d{1,2}):(\d{1,2})\.filename")
CARD = re.compile(r"ethernet\d{1,2}\.present")
CODE = re.compile(r"\|([0-9A-Fa-f]{2})")
DISK = "disk"  # what the types of disks end with: anything else is a disc, or one of the host
# What a controller of no known kind is, by the bus; VMware's own default for SCSI on Linux.
USUAL_BUS = {"scsi": "lsilogic", "sata": "sata", "ide": "ide", "nvme": "nvme"}
CONTROLLERS = {"pvscsi": "pvscsi"}
CARDS = ("vmxnet3", "e1000", "e1000e")
USUAL_CARD = "e1000"


@dataclass(frozen=True)
class _Said:
    """A value, and where it stands."""

    text: str
    where: Where


def read(path: Path) -> DescribedMachine:
    """Read the VMX *path*; raises RequestError, with the line, for whatever cannot be started."""
    said = _lines(path)
    disks = [(found, value) for found, value in _disks(said) if _is_disk(found, said)]
    if not disks:
        raise RequestError("its machine has no disk", where=Where(path, 1))
    if len(disks) > MOST_DISKS:
        raise RequestError(
            f"more than {MOST_DISKS} disks: no machine has those", where=Where(path, 1)
        )
    plain, first = Machine(), disks[0][0]
    cards = [key for key, value in said.items() if CARD.fullmatch(key) and _true(value)]
    if len(cards) > MOST_CARDS:
        raise RequestError(f"more than {MOST_CARDS} network cards", where=said[cards[-1]].where)
    machine = Machine(
        memory=_number(said, "memsize") * MIB or plain.memory,
        cpus=_number(said, "numvcpus") or plain.cpus,
        interfaces=len(cards),
        firmware=UEFI if _text(said, "firmware").lower() == "efi" else BIOS,
        disk_bus=_bus(first, said),
        network_card=_card(min(cards), said) if cards else "",
    )
    check_size(machine, Where(path, 1))
    files = tuple(_file(value, path) for _, value in disks)
    return DescribedMachine(path.resolve(), path.stem, machine, files)


def _lines(path: Path) -> dict[str, _Said]:
    """All keys, in lower case; raises RequestError for a line that is neither key nor comment."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    if len(content) > LONGEST:
        raise RequestError(f"{path} is longer than {show(LONGEST)}: no description of a machine")
    said: dict[str, _Said] = {}
    text = content.decode("utf-8", "replace").removeprefix("\N{BYTE ORDER MARK}")
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.fullmatch(line)
        if not found:
            raise RequestError('this is not KEY = "VALUE": no VMX', where=Where(path, number))
        value = CODE.sub(lambda code: chr(int(code[1], 16)), found[2])
        said[found[1].lower()] = _Said(value, Where(path, number))
    return said


def _disks(said: dict[str, _Said]) -> Iterator[tuple["re.Match[str]", _Said]]:
    """What is at the places of all controllers, in the order in which a machine counts them."""
    order = list(USUAL_BUS)
    found = [(match, said[key]) for key in said if (match := PLACE.fullmatch(key))]
    yield from sorted(
        found, key=lambda each: (order.index(each[0][1]), int(each[0][2]), int(each[0][3]))
    )


def _is_disk(found: "re.Match[str]", said: dict[str, _Said]) -> bool:
    """Whether a disk is there, as it is where nothing else is said, and not a disc."""
    place = f"{found[1]}{found[2]}:{found[3]}"
    here = said.get(f"{place}.present")
    kind = _text(said, f"{place}.devicetype").lower()
    return here is not None and _true(here) and (not kind or kind.endswith(DISK))


def _bus(first: "re.Match[str]", said: dict[str, _Said]) -> str:
    kind = _text(said, f"{first[1]}{first[2]}.virtualdev").lower()
    return CONTROLLERS.get(kind, USUAL_BUS[first[1]])


def _card(key: str, said: dict[str, _Said]) -> str:
    kind = _text(said, key.replace("present", "virtualdev")).lower()
    return kind if kind in CARDS else USUAL_CARD


def _file(value: _Said, path: Path) -> DiskFile:
    file = inside(value.text, path, value.where)
    if not file.is_file():
        raise RequestError(f"the disk {value.text} is not there", where=value.where)
    return DiskFile(file, value.where)


def _number(said: dict[str, _Said], key: str) -> int:
    """A whole number above 0; 0 if nothing is said."""
    if key not in said:
        return 0
    text, where = said[key].text, said[key].where
    if not re.fullmatch(r"[0-9]{1,9}", text) or not int(text):
        raise RequestError(f"'{text}' is not a number above 0", where=where)
    return int(text)


def _text(said: dict[str, _Said], key: str) -> str:
    return said[key].text if key in said else ""


def _true(value: _Said) -> bool:
    return value.text.lower() == "true"
