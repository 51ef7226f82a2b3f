"""`appliance test`: start it as a machine, log in, look around, write down what was seen."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.boot import access as ways
from appliance.boot import ovmf
from appliance.boot.access import GuestAccess
from appliance.boot.console import (
    NOTHING_TO_BOOT,
    PROMPT,
    UNLOCK,
    AcceleratorError,
    RefusedError,
    Ssh,
)
from appliance.boot.credentials import credentials
from appliance.boot.emulated_instead import instead
from appliance.boot.emulator import Launch
from appliance.boot.machine import RunningMachine, answers, free_port
from appliance.bundle.model import UEFI
from appliance.bundle.statements import TEST_FILE
from appliance.errors import ApplianceError, BootError
from appliance.handover import statement_signing
from appliance.host import command
from appliance.host.accelerator import Accelerator, choose
from appliance.intake.digests import verify
from appliance.intake.disk_images import discs as trusted_discs
from appliance.intake.images import Image
from appliance.trial import report
from appliance.trial.checks import QUESTIONS, Question, Shell, author_check
from appliance.trial.report import BootReport, Check

PROMPT_SECONDS = 60
MOST_VOLUMES = 8  # that ask for a passphrase until there is a login prompt
SSH_SECONDS = 60
SSH_PORT = 22
Say = Callable[[str], None]
OnCheck = Callable[[str, Check], None]


@dataclass(frozen=True)
class Trial:
    """What is tested, and how.

    *image*: the appliance.
    *output*: the directory for logs, pictures and reports.
    *firmwares*: the firmware that it is started under, one after the other.
    *access*: who logs in, and how.
    *questions*: what is asked in the guest, in order.
    *passphrase*: what is typed where an encrypted volume asks for it on the console.
    *discs*: ISO images that are in CD drives.
    *given*: further system credentials, as (name, value).
    *key*: the private key, a PEM file, that signs what the test came to; None: nobody does.
    """

    image: Image
    output: Path
    firmwares: tuple[str, ...]
    access: GuestAccess
    questions: tuple[Question, ...]
    passphrase: str = field(default="", repr=False)
    discs: tuple[Path, ...] = ()
    given: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    key: Path | None = None


@dataclass(frozen=True)
class Hardware:
    """The machine to start instead of the one that the image asks for: *memory* in bytes; what is
    0 or empty stays as the image has it."""

    memory: int = 0
    cpus: int = 0
    disk_bus: str = ""
    network_card: str = ""


@dataclass(frozen=True)
class Provision:
    """What the machine is given beside its disks, see Trial; *access* None: a way in of ours."""

    access: GuestAccess | None = None
    passphrase: str = field(default="", repr=False)
    discs: tuple[Path, ...] = ()
    given: tuple[tuple[str, str], ...] = field(default=(), repr=False)


OWN_HARDWARE, OWN_WAY_IN = Hardware(), Provision()


def prepare(
    image: Image,
    *,
    output: Path | None = None,
    firmwares: tuple[str, ...] = (),
    scripts: Sequence[Path] = (),
    hardware: Hardware = OWN_HARDWARE,
    provision: Provision = OWN_WAY_IN,
) -> Trial:
    """Look at everything that can be wrong before the first start; nothing is written yet.

    Without *output*, NAME.test in the working directory; without *firmwares*, what the image can
    start with. *scripts* are the author's checks. Raises RequestError and HostError.
    """
    image = image.sized(memory=hardware.memory, cpus=hardware.cpus)
    image = image.on(disk_bus=hardware.disk_bus, network_card=hardware.network_card)
    firmwares = firmwares or image.firmware
    if UEFI in firmwares:
        ovmf.find()
    asked = [question for question in QUESTIONS if question.name != "network" or _networked(image)]
    return Trial(
        image=image,
        output=output or Path(f"{image.name}.test"),
        firmwares=firmwares,
        access=provision.access or ways.agree("", None),
        questions=(*asked, *(author_check(script) for script in scripts)),
        passphrase=provision.passphrase,
        discs=trusted_discs(provision.discs),
        given=provision.given,
    )


def prove(trial: Trial, *, say: Say, on_check: OnCheck) -> tuple[BootReport, ...]:
    """Start *trial*'s image under each firmware and write all reports into its directory.

    *on_check* hears of each check as it ends. A failed check is no error, it is in the reports.
    """
    if trial.key:
        statement_signing.require(trial.key)
    digest = verify(trial.image)
    trial.output.mkdir(parents=True, exist_ok=True)
    accelerator = choose()
    say(accelerator.reason)
    reports: tuple[BootReport, ...] = ()
    for name in trial.firmwares:
        made = None
        while made is None:
            try:
                made = _start(trial, name, digest, accelerator, on_check)
            except AcceleratorError as failure:
                accelerator = instead(accelerator, failure)
                say(accelerator.reason)
        reports = (*reports, made)
    (trial.output / "report.json").write_text(report.to_json(reports))
    (trial.output / "junit.xml").write_bytes(report.to_junit(trial.image.name, reports))
    if trial.key:
        text = statement_signing.signed(_statement(trial, reports), trial.key)
        (trial.output / f"{trial.image.name}{TEST_FILE}").write_text(text)
    return reports


def _statement(trial: Trial, reports: tuple[BootReport, ...]) -> str:
    """What *reports* say of the file that names the image, and of its disks."""
    disks = {disk.path.name: disk.sha256 for disk in trial.image.disks if disk.sha256}
    known = {question.name for question in QUESTIONS}
    own = {each.name: each.command for each in trial.questions if each.name not in known}
    named = {trial.image.path.name: reports[0].bundle_sha256}
    return report.to_statement(named | disks, own, reports)


def complain(trial: Trial, reports: tuple[BootReport, ...]) -> None:
    """Raise BootError, with the last words of the first check that failed, if one did."""
    for made in reports:
        for check in made.checks:
            if not check.passed:
                lines = check.evidence.strip().splitlines()[1:]
                raise BootError(
                    f"{trial.image.name} under {made.firmware}: {check.name}: {check.headline}",
                    tail=tuple(lines[-20:]),
                    hint=_remedy(trial.image.machine.disk_bus, made, check),
                )


def _remedy(disk_bus: str, made: BootReport, check: Check) -> str:
    """What to try where the *check* failed, with disks on *disk_bus*."""
    if made.firmware == UEFI and disk_bus in ovmf.MAY_LACK and NOTHING_TO_BOOT in check.headline:
        return (
            f"the UEFI firmware of this machine may have no driver for {disk_bus}: "
            "--disk-bus sata, or --firmware bios"
        )
    return f"look at {made.console_path}"


@dataclass
class Notebook:
    """The checks of one start, in order, each with its time. *pardoned* errors pass through."""

    firmware: str
    on_check: OnCheck
    pardoned: tuple[type[ApplianceError], ...] = ()
    checks: list[Check] = field(default_factory=list)

    def note(self, name: str, since: float, *, passed: bool, evidence: str) -> bool:
        """Write one check down; returns whether it passed."""
        check = Check(name, round(time.monotonic() - since, 1), passed, evidence)
        self.checks.append(check)
        self.on_check(self.firmware, check)
        return passed

    def attempt(self, name: str, act: Callable[[], str]) -> bool:
        """Do something that raises if it fails and otherwise returns its evidence."""
        since = time.monotonic()
        try:
            return self.note(name, since, passed=True, evidence=act())
        except ApplianceError as error:
            if isinstance(error, self.pardoned):
                raise
            evidence = "\n".join((error.problem, *error.tail))
            return self.note(name, since, passed=False, evidence=evidence)


def _start(
    trial: Trial, name: str, digest: str, accelerator: Accelerator, on_check: OnCheck
) -> BootReport:
    log, picture = trial.output / f"console-{name}.log", trial.output / f"screen-{name}.png"
    port = free_port()
    notes = Notebook(name, on_check, (RefusedError,) if trial.access.one_time else ())
    with RunningMachine(_launch(trial, name, port), accelerator, log=log) as machine:
        verdict = _look(trial, machine, port, notes)
        machine.screenshot(picture)
    if not all(check.passed for check in notes.checks):
        verdict = report.FAILED
    return BootReport(digest, name, tuple(notes.checks), str(log), verdict)


def _launch(trial: Trial, name: str, port: int) -> Launch:
    machine = trial.image.machine
    identity = ways.identity(trial.access)
    identity = replace(identity, extra=(*identity.extra, *trial.given))
    return Launch(
        image=trial.image,
        memory=machine.memory,
        cpus=machine.cpus,
        ovmf=ovmf.find() if name == UEFI else None,
        ports=((port, SSH_PORT),) if trial.access.key else (),
        credentials=credentials(identity),
        discs=trial.discs,
    )


def _look(trial: Trial, machine: RunningMachine, port: int, notes: Notebook) -> str:
    """All checks in order; without a shell there is nothing more to look at."""
    console, access = machine.console, trial.access

    def prompt() -> str:
        opened = 0
        while console.wait_for(PROMPT, UNLOCK, seconds=PROMPT_SECONDS):
            if not trial.passphrase or opened == MOST_VOLUMES:
                raise BootError("a volume asks for its passphrase", tail=console.last_lines(),
                                hint="--passphrase env:NAME or file:PATH")  # fmt: skip
            console.type(trial.passphrase)
            opened += 1
        told = f"; the passphrase was typed {opened} times" if opened else ""
        return f"seen on the serial console{told}"

    def log_in() -> str:
        """Log in on the console; return the evidence.

        Raises RefusedError if the password is not taken, which is a failure only of passwords that
        we were given, and BootError if the machine is lost.
        """
        console.login(access.user, access.password)
        return f"{access.user} is in" + (", with a one-time password" if access.one_time else "")

    def connect() -> str:
        console.wait_until(lambda: answers(port), "an ssh server", seconds=SSH_SECONDS)
        return shell.run("id").output.strip()

    if not notes.attempt("login prompt", prompt):
        return report.FAILED
    shell: Shell = console
    if access.key:
        words = ways.ssh_words(access, port)
        shell = Ssh(words, command.run, time_scale=machine.accelerator.time_scale)
    since = time.monotonic()
    try:
        let_in = notes.attempt("login", connect if access.key else log_in)
    except RefusedError as error:
        told = f"the image takes no password at launch ({error.problem}): not looked inside"
        notes.note("login", since, passed=True, evidence=told)
        return report.PROMPT_ONLY
    if not let_in:
        return report.FAILED
    for question in trial.questions:
        if not _ask(question, shell, notes) and not machine.child.isalive():
            return report.FAILED
    return report.PASSED


def _ask(question: Question, shell: Shell, notes: Notebook) -> bool:
    since = time.monotonic()
    try:
        verdict = question.judge(shell.run(question.command, seconds=question.seconds))
    except ApplianceError as error:
        evidence = "\n".join((error.problem, *error.tail))
        return notes.note(question.name, since, passed=False, evidence=evidence)
    return notes.note(question.name, since, passed=verdict.passed, evidence=verdict.evidence)


def _networked(image: Image) -> bool:
    return image.machine.interfaces > 0
