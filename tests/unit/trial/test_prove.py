"""How a trial is prepared, and what is noted of a start: with a console that a test plays."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from appliance.boot import ovmf
from appliance.boot.access import GuestAccess
from appliance.boot.console import NOTHING_TO_BOOT, RefusedError, ShellAnswer
from appliance.bundle.model import Machine
from appliance.errors import BootError, CommandError, HostError
from appliance.intake.images import Disk, Image
from appliance.trial import prove
from appliance.trial.checks import Question, ended_well
from appliance.trial.prove import Hardware, Notebook, Trial, prepare
from appliance.trial.report import FAILED, PASSED, PROMPT_ONLY, BootReport, Check
from appliance.units import GIB

IMAGE = Image("web", Path("web.raw"), (Disk(Path("web.raw"), "raw"),), Machine())
ASKED = Question("disk", "df", 10, ended_well)
LATER = Question("later", "date", 10, ended_well)


@dataclass
class Guest:
    """A machine: it asks for *locked* passphrases, and is console and child of itself."""

    locked: int = 0
    prompt: BootError | None = None
    login_error: BootError | None = None
    answers: dict[str, ShellAnswer | Exception] = field(default_factory=dict)
    alive: bool = True
    typed: list[str] = field(default_factory=list)

    @property
    def console(self) -> "Guest":
        return self

    @property
    def child(self) -> "Guest":
        return self

    def isalive(self) -> bool:
        return self.alive

    def wait_for(self, *patterns: str, seconds: float) -> int:
        if self.prompt:
            raise self.prompt
        self.locked -= 1
        return int(self.locked >= 0)

    def type(self, line: str) -> None:
        self.typed.append(line)

    def login(self, user: str, password: str) -> None:
        if self.login_error:
            raise self.login_error

    def last_lines(self) -> tuple[str, ...]:
        return ("last",)

    def run(self, command: str, *, seconds: float = 60) -> ShellAnswer:
        answer = self.answers.get(command, ShellAnswer(0, "fine"))
        if isinstance(answer, Exception):
            raise answer
        return answer


def trial(**said: Any) -> Trial:
    given = Trial(IMAGE, Path("out"), ("bios",), GuestAccess("root", "x"), (ASKED, LATER))
    return replace(given, **said)


def looked(guest: Guest, asked: Trial) -> tuple[str, list[Check]]:
    pardoned = (RefusedError,) if asked.access.one_time else ()
    notes = Notebook("bios", lambda firmware, check: None, pardoned)
    verdict = prove._look(asked, guest, 0, notes)  # type: ignore[arg-type]
    return verdict, notes.checks


def test_all_is_looked_at_in_order() -> None:
    verdict, checks = looked(Guest(), trial())

    assert verdict == PASSED
    assert [(check.name, check.passed) for check in checks] == [
        ("login prompt", True),
        ("login", True),
        ("disk", True),
        ("later", True),
    ]


def test_without_a_prompt_there_is_nothing_more_to_look_at() -> None:
    verdict, checks = looked(Guest(prompt=BootError("it panicked", tail=("a", "b"))), trial())

    assert verdict == FAILED
    assert [(check.name, check.evidence) for check in checks] == [
        ("login prompt", "it panicked\na\nb")
    ]


def test_a_passphrase_is_typed_as_often_as_it_is_asked_for() -> None:
    guest = Guest(locked=2)

    _, checks = looked(guest, trial(passphrase="secret"))

    assert guest.typed == ["secret", "secret"]
    assert checks[0].evidence == "seen on the serial console; the passphrase was typed 2 times"


@pytest.mark.parametrize(("locked", "passphrase"), [(1, ""), (prove.MOST_VOLUMES + 1, "wrong")])
def test_a_volume_that_stays_locked_is_told(locked: int, passphrase: str) -> None:
    verdict, checks = looked(Guest(locked=locked), trial(passphrase=passphrase))

    assert verdict == FAILED
    assert checks[0].evidence == "a volume asks for its passphrase\nlast"


@pytest.mark.parametrize(
    ("one_time", "verdict", "passed"), [(True, PROMPT_ONLY, True), (False, FAILED, False)]
)
def test_a_refusal_is_a_failure_only_of_passwords_that_we_were_given(
    one_time: bool, verdict: str, passed: bool
) -> None:
    guest = Guest(login_error=RefusedError("root may not log in"))

    said, checks = looked(guest, trial(access=GuestAccess("root", "x", one_time=one_time)))

    assert said == verdict
    assert (checks[-1].name, checks[-1].passed) == ("login", passed)
    assert "root may not log in" in checks[-1].evidence


def test_a_question_that_fails_does_not_end_it_unless_the_machine_is_gone() -> None:
    lost = {"df": BootError("no answer")}

    verdict, checks = looked(Guest(answers={**lost}), trial())
    assert verdict == PASSED  # _start makes FAILED of a check that did not pass
    assert [check.passed for check in checks] == [True, True, False, True]
    verdict, checks = looked(Guest(answers={**lost}, alive=False), trial())
    assert verdict == FAILED
    assert [check.name for check in checks] == ["login prompt", "login", "disk"]


def test_each_check_is_told_as_it_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([10.0, 11.26])
    monkeypatch.setattr(prove.time, "monotonic", lambda: next(now))
    heard: list[tuple[str, Check]] = []

    def act() -> str:
        raise CommandError("no", tail=("last words",))

    notes = Notebook("uefi", lambda firmware, check: heard.append((firmware, check)))

    assert not notes.attempt("login", act)
    assert heard == [("uefi", Check("login", 1.3, False, "no\nlast words"))]
    assert notes.checks == [heard[0][1]]


def test_an_image_without_a_network_is_not_asked_for_one() -> None:
    def names(interfaces: int) -> list[str]:
        image = replace(IMAGE, machine=Machine(interfaces=interfaces))
        return [each.name for each in prepare(image, firmwares=("bios",)).questions]

    assert set(names(1)) - set(names(0)) == {"network"}


def test_a_trial_has_what_was_asked_for(tmp_path: Path) -> None:
    script = tmp_path / "check.sh"
    script.write_text("true\n")

    made = prepare(
        IMAGE, firmwares=("bios",), scripts=[script], hardware=Hardware(GIB, 3, "sata", "e1000")
    )

    machine = made.image.machine
    assert (machine.memory, machine.cpus) == (GIB, 3)
    assert (machine.disk_bus, machine.network_card) == ("sata", "e1000")
    assert made.output == Path("web.test")
    assert made.questions[-1].name == "check.sh"
    assert made.access.one_time
    assert not made.output.exists()


def test_firmware_that_is_not_here_is_told_before_the_first_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nowhere() -> ovmf.Ovmf:
        raise HostError("no firmware")

    monkeypatch.setattr(ovmf, "find", nowhere)
    with pytest.raises(HostError, match="no firmware"):
        prepare(IMAGE)
    assert prepare(IMAGE, firmwares=("bios",)).firmwares == ("bios",)


def test_the_first_check_that_failed_is_complained_of() -> None:
    good = Check("login prompt", 1, True, "seen")
    bad = Check("disk", 1, False, "full\nsecond\nthird")
    well = BootReport("", "bios", (good,), "log-bios", PASSED)
    report = BootReport("", "uefi", (good, bad, replace(bad, name="later")), "log-uefi", FAILED)

    prove.complain(trial(), (well,))
    with pytest.raises(BootError, match="^web under uefi: disk: full") as caught:
        prove.complain(trial(), (well, report))
    assert caught.value.tail == ("second", "third")
    assert caught.value.hint == "look at log-uefi"


def test_a_check_that_failed_without_a_word_is_complained_of_too() -> None:
    silent = BootReport("", "bios", (Check("disk", 1, False, ""),), "log", FAILED)

    with pytest.raises(BootError, match="web under bios: disk"):
        prove.complain(trial(), (silent,))


@pytest.mark.parametrize(
    ("firmware", "bus", "evidence", "hint"),
    [
        ("uefi", "pvscsi", NOTHING_TO_BOOT, "no driver for pvscsi: --disk-bus sata, or --firmware"),
        ("bios", "pvscsi", NOTHING_TO_BOOT, "look at log"),
        ("uefi", "sata", NOTHING_TO_BOOT, "look at log"),
        ("uefi", "lsilogic", "it panics", "look at log"),
    ],
)
def test_a_firmware_without_a_driver_is_told_from_an_image_that_does_not_start(
    firmware: str, bus: str, evidence: str, hint: str
) -> None:
    bad = BootReport("", firmware, (Check("login prompt", 1, False, evidence),), "log", FAILED)
    asked = trial()
    asked = replace(asked, image=asked.image.on(disk_bus=bus))

    with pytest.raises(BootError) as caught:
        prove.complain(asked, (bad,))
    assert hint in caught.value.hint
