"""Whether a description of an appliance can be true: it may come from anywhere.

What it says becomes the names of files, and words of scripts and descriptions that others run.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from appliance.bundle.model import BIOS, DISK_BUSES, NETWORK_CARDS, UEFI, Bundle, Machine
from appliance.bundle.sheet import APPLIANCE, PORT, PRODUCT, PROPERTY
from appliance.bundle.sheet_keys import Key
from appliance.errors import RequestError, Where
from appliance.recipe.overrides import check_name
from appliance.units import GIB, KIB

DIGEST = re.compile(r"[0-9a-z]*")  # hexadecimal; tests and old builds have shorter ones
ARCHITECTURE = re.compile(r"[A-Za-z0-9_]{1,32}")
LAST_CLOCK = 253_402_300_799  # the end of the year 9999
LARGEST = 1 << 63  # bytes of anything
TIB = 1024 * GIB
MOST_MEMORY = 64 * TIB  # bytes: what Linux on x86-64 addresses with four levels of page tables
MOST = 1024  # processors, network cards
MOST_DISKS = 1024
# A description may say an edition that came later, or none: what reads it need not know it.
READ_ALIKE = {name: key for name, key in PRODUCT.items() if name != "conventions"}


def check_sense(bundle: Bundle) -> None:
    """Raise ValueError or RequestError for what no build says."""
    check_name(bundle.name)
    for problem in _problems(bundle):
        raise ValueError(problem)
    product = bundle.product
    for text in (bundle.version, bundle.release, bundle.family, bundle.family_release,
                 bundle.machine.os_type, product.version, *bundle.lacks,
                 *(artifact.disk_format for artifact in bundle.artifacts)):  # fmt: skip
        APPLIANCE["version"].read(text)
    _read(READ_ALIKE, [product])
    _read(PORT, product.ports)
    _read(PROPERTY, product.properties)


def _problems(bundle: Bundle) -> Iterator[str]:
    machine = bundle.machine
    if not 0 <= bundle.clock <= LAST_CLOCK:
        yield f"the clock {bundle.clock} is no time"
    if not DIGEST.fullmatch(bundle.plan_digest):
        yield f"{bundle.plan_digest!r} is no digest"
    if set(bundle.firmware) - {BIOS, UEFI}:
        yield f"its firmware is {', '.join(bundle.firmware)!r}"
    if not 0 <= bundle.product.conventions <= MOST:
        yield f"{bundle.product.conventions} is no edition of the conventions"
    yield from _of_machine(machine)
    named: set[tuple[str, str]] = set()
    for artifact in bundle.artifacts:
        check_name(artifact.path)
        if artifact.disk:
            check_name(artifact.disk)
        if (artifact.disk, artifact.disk_format) in named or len(named) >= MOST_DISKS:
            yield f"the disk {artifact.disk!r} is there twice"
        named.add((artifact.disk, artifact.disk_format))
        if not DIGEST.fullmatch(artifact.sha256):
            yield f"{artifact.sha256!r} is no digest"
        sizes = (artifact.size, artifact.file_size, artifact.populated)
        if not all(0 <= size < LARGEST for size in sizes):
            yield f"{artifact.path!r} cannot have that size"


def check_size(machine: Machine, where: Where | None = None) -> Machine:
    """Return *machine*; raises RequestError, with the place *where* it is described, if it is
    larger than machines are."""
    for problem in _of_size(machine):
        raise RequestError(problem, hint="less", where=where)
    return machine


def _of_size(machine: Machine) -> Iterator[str]:
    if not KIB <= machine.memory <= MOST_MEMORY:
        most = MOST_MEMORY // TIB
        yield f"a machine has 1 KiB to {most} TiB of memory, not {machine.memory} bytes"
    if not 0 < machine.cpus <= MOST:
        yield f"a machine has 1 to {MOST} processors, not {machine.cpus}"
    if not 0 <= machine.interfaces <= MOST:
        yield f"a machine has at most {MOST} network cards, not {machine.interfaces}"


def _of_machine(machine: Machine) -> Iterator[str]:
    if not ARCHITECTURE.fullmatch(machine.architecture):
        yield f"{machine.architecture!r} is no architecture"
    yield from _of_size(machine)
    known = {
        machine.firmware: (BIOS, UEFI),
        machine.disk_bus: DISK_BUSES,
        machine.network_card: NETWORK_CARDS,
    }
    for word, words in known.items():
        if word and word not in words:
            yield f"{word!r} is none of {', '.join(words)}"


def _read(keys: Mapping[str, Key], values: Iterable[Any]) -> None:
    """Read *values* by the rules of a product sheet; raises ValueError."""
    for value in values:
        for name, key in keys.items():
            try:
                key.read(getattr(value, key.field))
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
