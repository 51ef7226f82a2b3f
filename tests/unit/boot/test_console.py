"""What is heard on a console and what follows from it: a guest that a test plays."""

import base64
import hashlib
import re
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from pexpect.spawnbase import SpawnBase

from appliance.boot import console as consoles
from appliance.boot.console import (
    FATAL,
    PROMPT,
    UNLOCK,
    Console,
    LateError,
    RefusedError,
    ShellAnswer,
    Ssh,
)
from appliance.errors import BootError
from appliance.host.patience import Patience


class Guest(SpawnBase):
    """Says what is put into *says*; *answer* makes what it says to each line that it is sent.

    It never waits: where it has nothing to say, a second has passed.
    """

    def __init__(self) -> None:
        super().__init__(encoding="utf-8")
        self.says: deque[str | type[Exception]] = deque()
        self.answer: Callable[[str], str] = lambda line: ""
        self.sent: list[str] = []
        self.pid, self.now = 0, 0.0

    def read_nonblocking(self, size: int = 1, timeout: float | None = None) -> str:
        if not self.says:
            self.now += timeout or 0
            raise pexpect.TIMEOUT("nothing more to say")
        said = self.says.popleft()
        if isinstance(said, str):
            return said
        raise said("")

    def send(self, line: str) -> None:
        self.sent.append(line.removesuffix("\r"))
        if said := self.answer(self.sent[-1]):
            self.says.append(said)


@pytest.fixture
def guest(monkeypatch: pytest.MonkeyPatch) -> Guest:
    made = Guest()
    monkeypatch.setattr(
        consoles,
        "Patience",
        lambda seconds, pid: Patience(seconds, pid, clock=lambda: made.now, queue=lambda pid: {}),
    )
    return made


@pytest.fixture
def console(guest: Guest, tmp_path: Path) -> Console:
    return Console(guest, tmp_path / "log", time_scale=2)  # type: ignore[arg-type]


def test_phrases_do_not_hide_each_other() -> None:
    phrases = [phrase.words for phrase in FATAL]

    assert len(set(phrases)) == len(phrases)
    assert not [a for a in phrases for b in phrases if a != b and a in b]


def test_which_of_several_was_seen(guest: Guest, console: Console) -> None:
    guest.says.extend(["booting\r\n", "Please unlock disk root: ", "\r\nweb login: "])

    assert console.wait_for(PROMPT, UNLOCK, seconds=60) == 1
    assert console.wait_for(PROMPT, UNLOCK, seconds=60) == 0


@pytest.mark.parametrize("phrase", FATAL, ids=[phrase.words for phrase in FATAL])
def test_a_lost_machine_is_not_waited_for(phrase: consoles.Phrase, guest: Guest) -> None:
    guest.says.append(f"[ 1.0] {phrase.words} ...\r\n")
    console = Console(guest, Path("none"), time_scale=1)  # type: ignore[arg-type]

    with pytest.raises(phrase.kind, match=re.escape(phrase.meaning)):
        console.wait_for(PROMPT, seconds=60)
    assert guest.now <= 2


def test_a_machine_that_ends_tells_why_if_it_said_so(guest: Guest, console: Console) -> None:
    guest.says.extend(["bye\r\n", pexpect.EOF])

    with pytest.raises(BootError, match="the machine stopped"):
        console.wait_for(PROMPT, seconds=60)


def test_silence_ends_the_patience_and_the_last_line_is_told(
    guest: Guest, console: Console, tmp_path: Path
) -> None:
    (tmp_path / "log").write_text("one\r\n\x1b[32m[ OK ]\x1b[0m two\r\n\r\n \x07\r\n")

    with pytest.raises(LateError, match=r"'x': nothing was said for 60 s; its last line") as caught:
        console.wait_for("x", seconds=30)
    assert guest.now == 60  # twice as long, as the time scale says
    assert caught.value.tail == ("one", "[ OK ] two")


def test_whoever_speaks_is_waited_for_longer(guest: Guest, console: Console) -> None:
    def busy() -> bool:
        guest.says.append(".")
        return guest.now > 100

    console.wait_until(busy, "something", seconds=30)

    assert guest.now > 100


def test_waiting_for_something_else_hears_the_machine(guest: Guest, console: Console) -> None:
    guest.says.append("You are in emergency mode")

    with pytest.raises(BootError, match="emergency mode"):
        console.wait_until(lambda: False, "an ssh server", seconds=60)


def test_a_login_answers_prompts_and_settles_the_shell(guest: Guest, console: Console) -> None:
    said = iter(["[ 9.9] a message\r\nweb login: ", "Password: ", "\r\nroot@web:~# ", "\r\n@@up"])
    guest.answer = lambda line: next(said)

    console.login("root", "secret")

    assert guest.sent[:3] == ["root", "root", "secret"]
    assert guest.sent[3].startswith("stty -echo")
    assert "@@up" not in guest.sent[3]  # its echo is no answer


@pytest.mark.parametrize("answer", ["Login incorrect", "Permission denied", "\r\nweb login: "])
def test_a_refusal_is_none_of_the_machines_faults(
    answer: str, guest: Guest, console: Console
) -> None:
    said = iter(["Password: ", answer])
    guest.answer = lambda line: next(said)

    with pytest.raises(RefusedError, match="root may not log in"):
        console.login("root", "wrong")


@pytest.mark.parametrize("lost", [consoles.TRIES - 1, consoles.TRIES])
def test_a_shell_that_was_disturbed_is_made_quiet_again(
    lost: int, guest: Guest, console: Console
) -> None:
    said = iter([*[""] * lost, "\r\n@@up"])
    guest.answer = lambda line: next(said)

    if lost < consoles.TRIES:
        console._settle()
    else:
        with pytest.raises(LateError):
            console._settle()
    assert len(guest.sent) == consoles.TRIES


class Answering:
    """A shell of which the first *garbled* outputs are disturbed on their way."""

    def __init__(self, output: bytes, *, status: int = 0, garbled: int = 0) -> None:
        self.output, self.status, self.garbled = output, status, garbled
        self.files: dict[str, str] = {}

    def __call__(self, line: str) -> str:
        if piece := re.fullmatch(r"echo (\S+) >> (\S+); echo '@'(@w\d+@)", line):
            self.files[piece[2]] = self.files.get(piece[2], "") + piece[1]
            return f"@{piece[3]}"
        if line.endswith("echo '@'@written@"):
            return "@@written@"
        if mark := re.search(r"echo '@'(@\d+)=\$\?@$", line):
            return f"@{mark[1]}={self.status}@\r\n"
        if mark := re.search(r"echo '@'(@\d+)\.\$", line):
            rows = "".join(
                f"@{mark[1]}:{base64.b64encode(self.output[at : at + 57]).decode()}\r\r\n"
                for at in range(0, len(self.output), 57)
            )
            if self.garbled:
                self.garbled -= 1
                rows = rows.replace(":", ":[ 12.3] usb", 1)
            return f"{rows}@{mark[1]}.{hashlib.sha256(self.output).hexdigest()}@"
        return ""


@pytest.mark.parametrize("garbled", [0, 1, 3])
def test_an_answer_is_asked_for_again_until_it_is_whole(
    garbled: int, guest: Guest, console: Console
) -> None:
    guest.answer = Answering("é\n".encode() * 100, status=3, garbled=garbled)

    assert console.run("work") == ShellAnswer(3, "é\n" * 100)
    assert guest.sent[0].startswith("( work ) > /tmp/.appliance-1 2>&1 < /dev/null;")
    assert guest.sent[-1].startswith("rm -f /tmp/.appliance-1 ")
    assert console.run("more").output


def test_a_console_that_never_gives_it_whole(guest: Guest, console: Console) -> None:
    guest.answer = Answering(b"output", garbled=4)

    with pytest.raises(BootError, match="garbles"):
        console.run("work")


def test_a_long_command_is_a_file_in_lines_that_a_terminal_takes(
    guest: Guest, console: Console
) -> None:
    text = "echo one\n" + "# é\n" * 1000
    guest.answer = shell = Answering(b"one\n")

    assert console.run(text).output == "one\n"
    assert max(map(len, guest.sent)) < 4095
    assert base64.b64decode(shell.files["/tmp/.appliance-1.sh.b64"]).decode() == text
    assert any(line.startswith("( sh /tmp/.appliance-1.sh )") for line in guest.sent)


def test_ssh_tells_output_from_status() -> None:
    asked: list[tuple[list[str], str]] = []

    def ask(words: list[str], *, stdin: str) -> str:
        asked.append((words, stdin))
        return "a @@=1@ b\n@@=7@\n"

    answer = Ssh(("ssh", "web"), ask, time_scale=2).run("echo 'x'", seconds=10)

    assert answer == ShellAnswer(7, "a @@=1@ b\n")
    (words, script), *_ = asked
    assert words == ["timeout", "80", "ssh", "web", "sh -s"]
    assert "sh -c 'echo '\"'\"'x'\"'\"'' < /dev/null" in script
