"""`appliance test --matrix`: everything that a bundle claims to start on, started.

A bundle claims each of its formats under each firmware, and the hardware that its launch
descriptions name. What was well once is well for as long as image, machine and questions are the
same: results are kept by the digest of these.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.backends import launchers
from appliance.backends.launchers import libvirt, ovf, virt_image, vmware, words
from appliance.boot import controllers, ovmf
from appliance.boot.console import NOTHING_TO_BOOT
from appliance.bundle.model import UEFI, Bundle
from appliance.codec import decode, encode
from appliance.errors import BootError, RequestError
from appliance.intake import bundles, digests
from appliance.intake.images import Image
from appliance.intake.received import Received
from appliance.trial import prove, report
from appliance.trial.checks import QUESTIONS
from appliance.trial.prove import OnCheck, Say, Trial
from appliance.trial.report import BootReport

VERSION = 1  # of what a kept result means; raise it when starting or judging changes
BUNDLE = "the bundle"  # whose claim it is, if no launch description's
NO_DRIVER = "no driver"
CANNOT_TELL = "cannot tell"
# What its files name, by the launcher: QEMU has all of it.
Hardware = Callable[[Bundle], tuple[str, str]]
EMULATED: dict[str, Hardware] = {
    "libvirt": lambda bundle: (
        words.choose(bundle.machine.disk_bus, tuple(libvirt.BUSES), bundle.lacks),
        words.choose(bundle.machine.network_card, tuple(libvirt.CARDS), bundle.lacks),
    ),
    "virt-image": lambda bundle: (
        words.choose(bundle.machine.disk_bus, tuple(virt_image.PREFIXES), bundle.lacks),
        controllers.VIRTIO,
    ),
    "ovf": lambda bundle: (vmware.bus(ovf.settled(bundle)), vmware.card(bundle)),
    "vmx": lambda bundle: (vmware.bus(bundle), vmware.card(bundle)),
}
NOT_EMULATED = {
    "xen": "QEMU alone has no Xen: its PV and PVH disks and cards were not tried",
    "hyper-v": "QEMU has none of Hyper-V's disks and cards: they were not tried",
}


@dataclass(frozen=True)
class Cell:
    """One way to start an appliance.

    *disk_format*: the format of its disks, as disk_formats names it.
    *firmware*: bios or uefi.
    *disk_bus*: what its disks hang on, one of DISK_BUSES.
    *network_card*: the card that it sees, one of NETWORK_CARDS.
    *claims*: who claims that this works: a disk format, or launchers by their names.
    """

    disk_format: str
    firmware: str
    disk_bus: str
    network_card: str
    claims: tuple[str, ...]

    @property
    def name(self) -> str:
        """A name for this combination that a directory can have."""
        return "-".join((self.disk_format, self.firmware, self.disk_bus, self.network_card))


@dataclass(frozen=True)
class Outcome:
    """What became of one way to start.

    *cell*: the way to start.
    *verdict*: one of report's verdicts, NO_DRIVER or CANNOT_TELL.
    *seconds*: how long the checks took.
    *problem*: why it failed; empty if it did not.
    *kept*: True if this is the result of an earlier run.
    """

    cell: Cell
    verdict: str
    seconds: float = 0.0
    problem: str = ""
    kept: bool = False

    @property
    def failed(self) -> bool:
        """True if the claim that this works is false."""
        return self.verdict in (report.FAILED, NO_DRIVER)


@dataclass(frozen=True)
class Matrix:
    """What is to be tried, on the disks of each format as images; *notes* say what cannot be."""

    trial: Trial
    images: dict[str, Image]
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    lacks: tuple[str, ...] = ()


def claims(trial: Trial, given: Received) -> Matrix:
    """What the image or bundle *given*, of which *trial* is made, claims to start with; of the
    firmwares only *trial*'s.

    Raises RequestError if its description or a disk is none, or if a statement is to be signed.
    """
    if trial.key:
        raise RequestError(
            "--matrix: no statement is signed about so many tests",
            hint="--statement-key without it",
        )
    machine = trial.image.machine
    usual = (machine.disk_bus or controllers.VIRTIO, machine.network_card or controllers.VIRTIO)
    bundle = given.bundle
    if bundle is None:
        disk_format = trial.image.disks[0].disk_format if trial.image.disks else ""
        plain = tuple(Cell(disk_format, each, *usual, (BUNDLE,)) for each in trial.firmwares)
        return Matrix(trial, {disk_format: trial.image}, plain, ())
    says = given.image.path
    found = {name: bundles.in_format(bundle, says, name) for name in bundles.BEST}
    there = {name: image for name, image in found.items() if image}
    wanted = [
        Cell(name, each, *usual, (BUNDLE,)) for name in there for each in trial.firmwares
    ] + list(_described(bundle, says.parent, tuple(there), trial.firmwares))
    return Matrix(
        trial, there, _merged(wanted), tuple(_notes(bundle, says.parent, there)), bundle.lacks
    )


def run(
    matrix: Matrix, kept: Path, *, again: bool, say: Say, on_check: OnCheck
) -> Iterator[Outcome]:
    """Try each cell, in order. Results are in the directory *kept*; *again*: none is taken there.

    A cell that fails is an outcome, not an error, and is not kept. Raises RequestError if a disk
    is not the one that the description states, HostError if this machine can start nothing.
    """
    kept.mkdir(parents=True, exist_ok=True)
    digests: dict[str, str] = {}
    for cell in matrix.cells:
        if lacked := [word for word in (cell.disk_bus, cell.network_card) if word in matrix.lacks]:
            problem = f"the kernel has no driver for {' and '.join(lacked)}"
            yield Outcome(cell, NO_DRIVER, problem=problem)
            continue
        if cell.disk_format not in digests:
            digests[cell.disk_format] = _digest(matrix.images[cell.disk_format])
        place = kept / f"{_key(matrix, cell, digests[cell.disk_format])}.json"
        known = None if again else _read(place)
        if known:
            yield _outcome(cell, known, kept=True)
            continue
        made = _start(matrix, cell, say=say, on_check=on_check)
        if made.verdict != report.FAILED:
            part = place.with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps(encode(made)))
            part.rename(place)
        yield _outcome(cell, made, kept=False)


def complain(outcomes: Sequence[Outcome]) -> None:
    """Raise BootError that names what failed, if something did."""
    failed = [each for each in outcomes if each.failed]
    if failed:
        raise BootError(
            f"{len(failed)} of {len(outcomes)} ways to start it failed",
            tail=tuple(f"{each.cell.name}: {each.problem}" for each in failed),
            hint="look at the consoles in the directory of the report",
        )


def _described(
    bundle: Bundle, place: Path, formats: tuple[str, ...], firmwares: tuple[str, ...]
) -> Iterator[Cell]:
    """What the launch descriptions in *place* name, on the first of their formats that is there."""
    for name, hardware in EMULATED.items():
        launcher = launchers.KNOWN[name]
        disk = next((each for each in launcher.formats if each in formats), "")
        if disk and bundle.boots_with in firmwares and _written(name, bundle, place):
            yield Cell(disk, bundle.boots_with, *hardware(bundle), (name,))


def _written(name: str, bundle: Bundle, place: Path) -> bool:
    """Whether the files of that launcher are beside the disks."""
    launcher = launchers.KNOWN[name]
    if launcher.refuses(bundle):
        return False
    return any((place / file).is_file() for file in launcher.files(bundle))


def _notes(bundle: Bundle, place: Path, there: Iterable[str]) -> Iterator[str]:
    for name, words_ in NOT_EMULATED.items():
        if _written(name, bundle, place):
            yield words_
    for name in sorted({each.disk_format for each in bundle.artifacts} - set(there)):
        yield f"no machine here starts from {name}, or it is not there: not tried"


def _merged(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Each way to start once, with all whose claim it is."""
    merged: dict[Cell, tuple[str, ...]] = {}
    for cell in cells:
        way = replace(cell, claims=())
        merged[way] = (*merged.get(way, ()), *cell.claims)
    return tuple(replace(way, claims=claimed) for way, claimed in merged.items())


def _start(matrix: Matrix, cell: Cell, *, say: Say, on_check: OnCheck) -> BootReport:
    image = matrix.images[cell.disk_format].on(
        disk_bus=cell.disk_bus, network_card=cell.network_card
    )
    was = matrix.trial.image.machine
    trial = replace(
        matrix.trial,
        image=image.sized(memory=was.memory, cpus=was.cpus),
        output=matrix.trial.output / cell.name,
        firmwares=(cell.firmware,),
    )
    try:
        (made,) = prove.prove(trial, say=say, on_check=on_check)
    except BootError as error:
        check = report.Check("start", 0.0, False, "\n".join((error.problem, *error.tail)))
        return BootReport("", cell.firmware, (check,), str(trial.output), report.FAILED)
    return made


def _outcome(cell: Cell, made: BootReport, *, kept: bool) -> Outcome:
    wrong = next((check for check in made.checks if not check.passed), None)
    problem = f"{wrong.name}: {wrong.headline}" if wrong else ""
    blind = cell.firmware == UEFI and cell.disk_bus in ovmf.MAY_LACK
    if blind and NOTHING_TO_BOOT in problem:
        problem = f"the UEFI firmware of this machine may have no driver for {cell.disk_bus}"
        return Outcome(cell, CANNOT_TELL, round(made.seconds, 1), problem, kept)
    return Outcome(cell, made.verdict, round(made.seconds, 1), problem, kept)


def _digest(image: Image) -> str:
    """Return the digest of all disks as they are now; raise RequestError if one is not what is
    stated."""
    digests.check_disks(image)
    return " ".join(disk.sha256 or digests.sha256(disk.path) for disk in image.disks)


def _key(matrix: Matrix, cell: Cell, digest: str) -> str:
    """The digest of all that the result rests on."""
    trial = matrix.trial
    says = {
        "version": VERSION,
        "disks": digest,
        "cell": encode(replace(cell, claims=())),
        "machine": encode(trial.image.machine),
        "questions": [(each.name, each.command) for each in (*QUESTIONS, *trial.questions)],
        "login": (trial.access.user, bool(trial.access.key), trial.access.one_time),
        "given": sorted(trial.given),
        "discs": [digests.sha256(disc) for disc in trial.discs],
    }
    return hashlib.sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()


def _read(place: Path) -> BootReport | None:
    try:
        return decode(BootReport, json.loads(place.read_text()))
    except (OSError, ValueError):
        return None
