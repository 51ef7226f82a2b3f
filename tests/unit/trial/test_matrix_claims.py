"""Which ways to start there are, and what is remembered of each; see tests/tools/test_matrix.py."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.boot.access import GuestAccess
from appliance.bundle.model import Machine
from appliance.errors import BootError, RequestError, Where
from appliance.intake.images import Disk, Image
from appliance.intake.received import DISK, Received
from appliance.trial import matrix
from appliance.trial.checks import Question, ended_well
from appliance.trial.matrix import Cell, Matrix, Outcome
from appliance.trial.prove import Trial
from appliance.trial.report import FAILED, PASSED, PROMPT_ONLY, BootReport, Check
from appliance.units import GIB

CELL = Cell("raw", "bios", "virtio", "virtio", ("the bundle",))
PASSWORD = GuestAccess("root", "x", one_time=True)


@pytest.fixture
def asked(tmp_path: Path) -> Matrix:
    disk = tmp_path / "web.raw"
    disk.write_bytes(b"disk")
    image = Image("web", disk, (Disk(disk, "raw"),), Machine(memory=GIB, cpus=2))
    trial = Trial(image, tmp_path / "out", ("bios",), PASSWORD, ())
    return Matrix(trial, {"raw": image}, (CELL,), ())


def started(monkeypatch: pytest.MonkeyPatch, *checks: Check, verdict: str = PASSED) -> list[Trial]:
    """No machine starts; returns what would have been one."""
    found: list[Trial] = []

    def prove(trial: Trial, **_: object) -> tuple[BootReport, ...]:
        found.append(trial)
        return (BootReport("0", trial.firmwares[0], checks, "log", verdict),)

    monkeypatch.setattr("appliance.trial.prove.prove", prove)
    return found


def run(asked: Matrix, kept: Path, *, again: bool = False) -> list[Outcome]:
    return list(matrix.run(asked, kept, again=again, say=print, on_check=lambda name, check: None))


def test_one_way_to_start_is_tried_once_whoever_claims_it() -> None:
    other = replace(CELL, firmware="uefi")
    cells = [CELL, other, replace(CELL, claims=("libvirt",)), replace(CELL, claims=("ovf",))]

    assert matrix._merged(cells) == (
        replace(CELL, claims=("the bundle", "libvirt", "ovf")),
        other,
    )


def test_no_statement_is_signed_about_so_many_ways(asked: Matrix) -> None:
    image = asked.trial.image
    given = Received(DISK, image.path, image, Where(image.path, 1))
    with pytest.raises(RequestError, match="--matrix: no statement is signed"):
        matrix.claims(replace(asked.trial, key=Path("key.pem")), given)


def test_a_cell_is_started_on_its_own_hardware(
    asked: Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = started(monkeypatch)
    cells = (CELL, replace(CELL, disk_bus="sata", network_card="e1000", firmware="uefi"))

    run(replace(asked, cells=cells), tmp_path / "kept")

    machines = [each.image.machine for each in trials]
    assert [(each.disk_bus, each.network_card) for each in machines] == [
        ("virtio", "virtio"),
        ("sata", "e1000"),
    ]
    assert {(each.memory, each.cpus) for each in machines} == {(GIB, 2)}
    assert [each.firmwares for each in trials] == [("bios",), ("uefi",)]
    assert [each.output.name for each in trials] == [
        "raw-bios-virtio-virtio",
        "raw-uefi-sata-e1000",
    ]


CHANGES: dict[str, Callable[[Trial], Trial]] = {
    "machine": lambda was: replace(was, image=was.image.sized(memory=0, cpus=4)),
    "question": lambda was: replace(was, questions=(Question("disk", "df", 1, ended_well),)),
    "who logs in": lambda was: replace(was, access=GuestAccess("me", "x")),
    "key": lambda was: replace(was, access=replace(PASSWORD, key=Path("k"))),
    "credential": lambda was: replace(was, given=(("motd", "hi"),)),
    "disc": lambda was: replace(was, discs=(was.image.path,)),
}
SAME: dict[str, Callable[[Trial], Trial]] = {
    "directory": lambda was: replace(was, output=Path("elsewhere")),
    "password of this once": lambda was: replace(was, access=replace(PASSWORD, password="y")),
    "order of credentials": lambda was: replace(was, given=was.given[::-1]),
}


@pytest.mark.parametrize(
    ("change", "kept"),
    [*((change, False) for change in CHANGES.values()), *((each, True) for each in SAME.values())],
    ids=[*CHANGES, *SAME],
)
def test_a_result_holds_for_as_long_as_nothing_changes_that_it_rests_on(
    change: Callable[[Trial], Trial],
    kept: bool,
    asked: Matrix,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started(monkeypatch)
    if kept:
        asked = replace(asked, trial=replace(asked.trial, given=(("a", "1"), ("b", "2"))))

    (first,) = run(asked, tmp_path / "kept")
    (second,) = run(replace(asked, trial=change(asked.trial)), tmp_path / "kept")

    assert (first.kept, second.kept) == (False, kept)


def test_another_disk_or_version_of_ours_is_tried_anew(
    asked: Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(monkeypatch)
    run(asked, tmp_path / "kept")

    asked.trial.image.path.write_bytes(b"another")
    assert [each.kept for each in run(asked, tmp_path / "kept")] == [False]
    assert [each.kept for each in run(asked, tmp_path / "kept")] == [True]
    monkeypatch.setattr(matrix, "VERSION", matrix.VERSION + 1)
    assert [each.kept for each in run(asked, tmp_path / "kept")] == [False]


@pytest.mark.parametrize(("verdict", "kept"), [(PASSED, 1), (PROMPT_ONLY, 1), (FAILED, 0)])
def test_only_what_did_not_fail_is_kept(
    verdict: str, kept: int, asked: Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(monkeypatch, verdict=verdict)

    (outcome,) = run(asked, tmp_path / "kept")

    assert outcome.verdict == verdict
    assert outcome.failed == (verdict == FAILED)
    assert len(list((tmp_path / "kept").iterdir())) == kept


@pytest.mark.parametrize("content", ["", "{", "[]", '{"firmware": "bios"}'])
def test_a_result_that_cannot_be_read_is_none(
    content: str, asked: Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = started(monkeypatch)
    run(asked, tmp_path / "kept")
    (file,) = (tmp_path / "kept").iterdir()
    file.write_text(content)

    assert [each.kept for each in run(asked, tmp_path / "kept")] == [False]
    assert len(trials) == 2


def test_a_machine_that_does_not_start_is_an_outcome(
    asked: Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prove(trial: Trial, **_: object) -> tuple[BootReport, ...]:
        raise BootError("the machine stopped", tail=("qemu: no",))

    monkeypatch.setattr("appliance.trial.prove.prove", prove)

    (outcome,) = run(asked, tmp_path / "kept")

    assert (outcome.verdict, outcome.problem) == (FAILED, "start: the machine stopped")


@pytest.mark.parametrize(
    ("lacks", "problem"),
    [
        (("virtio",), "the kernel has no driver for virtio and virtio"),
        (("sata",), ""),
    ],
)
def test_a_driver_that_is_not_there_is_not_waited_for(
    lacks: tuple[str, ...],
    problem: str,
    asked: Matrix,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trials = started(monkeypatch)

    (outcome,) = run(replace(asked, lacks=lacks), tmp_path / "kept")

    assert outcome.problem == problem
    assert len(trials) == (not problem)


def test_failures_are_complained_of_by_name() -> None:
    well = Outcome(CELL, PASSED)
    wrong = Outcome(replace(CELL, disk_bus="ide"), FAILED, problem="login: no")

    matrix.complain([well, Outcome(CELL, matrix.CANNOT_TELL)])
    with pytest.raises(BootError, match="1 of 2 ways") as caught:
        matrix.complain([well, wrong])
    assert caught.value.tail == ("raw-bios-ide-virtio: login: no",)
