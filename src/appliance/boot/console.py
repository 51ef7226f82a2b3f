"""Talk to a machine over its serial console, and hear when it is lost."""

import base64
import hashlib
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pexpect

from appliance.errors import BootError
from appliance.host.patience import STRETCH, Patience

SLICE = 1.0  # seconds between two looks at whether the machine is lost
ANSWER = 15.0  # seconds that a shell may take to say a word back, without time scale
LAST_LINES = 20
CHUNK = 700  # characters a line: a terminal in line mode takes 4095
MOST = 64 * 1024  # bytes of a command's output that are kept, from its end
TRIES = 4
LINE_END = r"\r*\n"  # each terminal on the way may add a carriage return
ESCAPES = re.compile(r"\x1b(\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|[=>78cM])|[\x00-\x08\x0b-\x1f\x7f]")
PROMPT = r"\blogin: ?"
# cryptsetup-initramfs asks the first way, systemd-cryptsetup(8) the second.
UNLOCK = r"Please unlock disk [^\n]*: ?|Please enter passphrase for disk [^\n]*: ?"
PASSWORD = r"[Pp]assword: ?"
SHELL = r"[#$>%][ \x1b]"
REFUSED = r"Login incorrect|Authentication failure|Permission denied|not allowed"


class AcceleratorError(Exception):
    """The machine broke below the guest; another accelerator may be able to run it."""


class LateError(BootError):
    """The machine may be well, but there was no time left to wait for it."""


class RefusedError(BootError):
    """The machine is well, but does not take this password."""


@dataclass(frozen=True)
class Phrase:
    """Words on a console after which there is nothing left to wait for, and what they mean."""

    words: str
    meaning: str
    kind: type[Exception] = BootError


NOTHING_TO_BOOT = "the firmware found nothing to boot"
FATAL = (
    Phrase("KVM internal error", "KVM cannot run it", AcceleratorError),
    Phrase("KVM: entry failed", "KVM cannot run it", AcceleratorError),
    Phrase("kvm_buf_set_msrs: Assertion", "KVM cannot run it", AcceleratorError),
    Phrase("failed to initialize kvm", "KVM cannot be used", AcceleratorError),
    Phrase("CPU does not support x86-64-v", "it needs a newer processor", AcceleratorError),
    Phrase("No bootable device", NOTHING_TO_BOOT),
    Phrase("No bootable option or device was found", NOTHING_TO_BOOT),
    Phrase("UEFI Interactive Shell", NOTHING_TO_BOOT),
    Phrase("Start PXE over IPv4", f"{NOTHING_TO_BOOT} on the disks"),
    Phrase("grub rescue>", "GRUB does not find its files"),
    Phrase("Minimal BASH-like line editing", "GRUB does not find its configuration"),
    Phrase("Kernel panic - not syncing", "the kernel panicked"),
    Phrase("---[ end Kernel panic", "the kernel panicked"),
    Phrase("Gave up waiting for root", "the initramfs does not find the root filesystem"),
    Phrase("(initramfs) ", "the initramfs gave up"),
    Phrase("dracut:/#", "the initramfs gave up"),
    Phrase("Entering emergency mode", "it starts in emergency mode"),
    Phrase("You are in emergency mode", "it starts in emergency mode"),
    Phrase("You are in rescue mode", "it starts in rescue mode"),
    Phrase("Give root password for maintenance", "it starts in emergency mode"),
    Phrase("Cannot open access to console, the root account is locked", "it is in emergency mode"),
)
LOST = "|".join(re.escape(phrase.words) for phrase in FATAL)
MEANINGS = {phrase.words: phrase for phrase in FATAL}


@dataclass(frozen=True)
class ShellAnswer:
    """What a command in the guest printed, and its exit status."""

    status: int
    output: str


class Console:
    """The guest's serial port. Times are seconds and grow with *time_scale*."""

    def __init__(self, child: "pexpect.spawn[str]", log: Path, *, time_scale: float) -> None:
        self._child, self._log, self._scale = child, log, time_scale
        self._asked = self._heard = 0

    def wait_for(self, *patterns: str, seconds: float) -> int:
        """Wait until one of the regular expressions is seen; return which.

        Raises LateError, with the last lines, if nothing is said for *seconds* (see Patience);
        BootError if the machine stops or a phrase of FATAL is seen first; AcceleratorError if it
        broke below the guest.
        """
        patience = self.patience(seconds)
        while (found := self._listen(patterns)) is None:
            self._go_on(patience, f"'{patterns[0]}'")
        return found

    def wait_until(self, happened: Callable[[], bool], what: str, *, seconds: float) -> None:
        """Wait until *happened*, hearing whether the machine is lost; see wait_for."""
        patience = self.patience(seconds)
        while not happened():
            self._listen(())
            self._go_on(patience, what)

    def patience(self, seconds: float) -> Patience:
        """Return the patience of somebody who waits *seconds* for this machine; slower machines get
        more."""
        self._heard = len(self._child.buffer)
        return Patience(seconds * self._scale, self._child.pid)

    def type(self, line: str) -> None:
        """Type *line* on the console, as the answer to what the machine asks."""
        self._child.send(f"{line}\r")

    def login(self, user: str, password: str) -> None:
        """Log in at a prompt that was just seen; afterwards run() works.

        Raises RefusedError if the machine does not take the password, BootError if it is lost.
        """
        self._child.send(f"{user}\r")
        while self.wait_for(PASSWORD, PROMPT, seconds=60) == 1:
            self._child.send(f"{user}\r")  # the prompt was printed again, over a message
        self._child.send(f"{password}\r")
        if self.wait_for(SHELL, REFUSED, PROMPT, seconds=60):
            raise RefusedError(f"{user} may not log in with that password", tail=self.last_lines())
        self._settle()

    def run(self, command: str, *, seconds: float = 60) -> ShellAnswer:
        """Run shell *command* in the guest, without input; its output is stdout and stderr.

        Kernel and service manager print on the same line: the output goes to a file first and
        comes over with a checksum, again if it was disturbed. *seconds*: see wait_for.
        """
        self._asked += 1
        mark, file = f"@{self._asked}", f"/tmp/.appliance-{self._asked}"
        if len(command) > CHUNK or "\n" in command:
            self._write(f"{file}.sh", command)
            command = f"sh {file}.sh"
        self._say(f"( {command} ) > {file} 2>&1 < /dev/null; echo '@'{mark}=$?@")
        self.wait_for(rf"@{mark}=(\d+)@", seconds=seconds)
        status = int(self._child.match.group(1))
        return ShellAnswer(status, self._fetch(file, mark))

    def last_lines(self) -> tuple[str, ...]:
        """The end of the console's log, without colours and empty lines."""
        return tuple(self._readable())[-LAST_LINES:]

    def _listen(self, patterns: tuple[str, ...]) -> int | None:
        """Listen for a moment; return which of *patterns* was seen, if one was."""
        found = self._child.expect([pexpect.TIMEOUT, pexpect.EOF, LOST, *patterns], timeout=SLICE)
        if found == 1:
            before = self._child.before
            lost = next((phrase for phrase in FATAL if phrase.words in before), None)
            self._give_up(lost or Phrase("", "the machine stopped"))
        if found == 2:
            self._give_up(MEANINGS[self._child.match.group(0)])
        return int(found) - 3 if found else None

    def _go_on(self, patience: Patience, what: str) -> None:
        """Raise LateError if *patience* is over; every byte on the console makes it last."""
        if len(self._child.buffer) != self._heard:
            self._heard = len(self._child.buffer)
            patience.heard()
        if patience.is_over():
            lines = self.last_lines()
            last = f"; its last line: {lines[-1]}" if lines else ""
            raise LateError(f"gave up waiting for {what}: {patience.said}{last}", tail=lines)

    def _give_up(self, phrase: Phrase) -> None:
        self._child.expect([pexpect.TIMEOUT, pexpect.EOF], timeout=SLICE)  # its last words
        if phrase.kind is BootError:
            raise BootError(phrase.meaning, tail=self.last_lines())
        raise phrase.kind(phrase.meaning)

    def _readable(self) -> Iterator[str]:
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        for line in re.split(r"[\r\n]+", text[-MOST:]) or ():
            if clean := ESCAPES.sub("", line).strip():
                yield clean

    def _say(self, line: str) -> None:
        self._child.send(line + "\r")

    def _settle(self) -> None:
        """Make the shell quiet: no echo, no prompt, no kernel messages below emergencies."""
        quiet = (
            "stty -echo cols 500; PS1= PS2= PROMPT_COMMAND=; dmesg -n 1 2>/dev/null; echo '@'@up"
        )
        for attempt in range(TRIES):
            self._say(quiet)
            try:
                self.wait_for(r"@@up", seconds=ANSWER)
                return
            except BootError:
                if attempt == TRIES - 1:
                    raise

    def _write(self, path: str, text: str) -> None:
        """Put *text* into a file of the guest, by lines that its terminal can take."""
        encoded = base64.b64encode(text.encode()).decode()
        pieces = [encoded[at : at + CHUNK] for at in range(0, len(encoded), CHUNK)]
        self._say(f": > {path}.b64")
        for number, piece in enumerate(pieces):
            self._say(f"echo {piece} >> {path}.b64; echo '@'@w{number}@")
            self.wait_for(f"@@w{number}@", seconds=ANSWER)
        self._say(f"base64 -d < {path}.b64 > {path}; rm {path}.b64; echo '@'@written@")
        self.wait_for("@@written@", seconds=ANSWER)

    def _fetch(self, file: str, mark: str) -> str:
        show = (
            f"tail -c {MOST} {file} > {file}.t; base64 -w 76 {file}.t | sed 's/^/@'{mark}':/';"
            f" echo '@'{mark}.$(sha256sum < {file}.t | cut -c 1-64)@"
        )
        for _ in range(TRIES):
            self._say(show)
            self.wait_for(rf"@{mark}\.([0-9a-f]{{64}})@", seconds=ANSWER * 2)
            digest = self._child.match.group(1)
            rows = re.findall(rf"@{mark}:([A-Za-z0-9+/=]+){LINE_END}", self._child.before)
            data = _decode("".join(rows))
            if data is not None and hashlib.sha256(data).hexdigest() == digest:
                self._say(f"rm -f {file} {file}.t {file}.sh")
                return data.decode(errors="replace")
        raise BootError("the console garbles what commands print", tail=self.last_lines())


class Ssh:
    """Runs commands in a guest over ssh; *words* is the ssh command line up to the host's name."""

    def __init__(
        self, words: tuple[str, ...], ask: Callable[..., str], *, time_scale: float
    ) -> None:
        self._words, self._ask, self._scale = words, ask, time_scale

    def run(self, command: str, *, seconds: float = 60) -> ShellAnswer:
        """Run shell *command* in the guest, without input, for at most *seconds* on a fast machine.

        Its output is stdout and stderr. Raises CommandError if ssh itself fails or the time is
        over.
        """
        limit = str(int(seconds * self._scale * STRETCH))  # nobody hears whether it is still busy
        script = f"exec 2>&1\nsh -c {shlex.quote(command)} < /dev/null\necho @@=$?@\n"
        said = self._ask(["timeout", limit, *self._words, "sh -s"], stdin=script)
        output, _, status = said.rpartition("@@=")
        return ShellAnswer(int(status.strip().rstrip("@")), output)


def _decode(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None
