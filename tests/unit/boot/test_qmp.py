"""QEMU's machine protocol, spoken with a socket pair instead of QEMU."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.boot import qmp
from appliance.boot.qmp import Qmp
from appliance.errors import BootError

GREETING = {"QMP": {"version": {}, "capabilities": []}}
EVENT = {"event": "RESUME", "timestamp": {"seconds": 1, "microseconds": 2}}


class Emulator:
    """Our end of QEMU's socket: what it will say is said beforehand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.end, self.ours = socket.socketpair()
        monkeypatch.setattr(qmp, "_connect", lambda path: self.ours)

    def say(self, *messages: object) -> None:
        for message in messages:
            self.end.sendall(json.dumps(message).encode() + b"\r\n")

    def heard(self) -> list[object]:
        self.end.setblocking(False)
        return [json.loads(line) for line in self.end.recv(65536).splitlines()]


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    made = Emulator(monkeypatch)
    yield made
    made.end.close()


def test_capabilities_are_agreed_on_and_events_are_passed_over(emulator: Emulator) -> None:
    emulator.say(GREETING, EVENT, {"return": {}}, EVENT, EVENT, {"return": {"status": "running"}})

    with closing(Qmp(Path("qmp"))) as talk:
        answer = talk.ask("query-status", detail=True)

    assert answer == {"status": "running"}
    assert emulator.heard() == [
        {"execute": "qmp_capabilities", "arguments": {}},
        {"execute": "query-status", "arguments": {"detail": True}},
    ]


def test_a_refusal_says_what_qemu_said(emulator: Emulator) -> None:
    emulator.say(GREETING, {"return": {}}, {"error": {"class": "x", "desc": "no such command"}})

    with closing(Qmp(Path("qmp"))) as talk, pytest.raises(BootError, match="no such command"):
        talk.ask("dance")


def test_qemu_may_go_between_two_words(emulator: Emulator) -> None:
    emulator.say(GREETING, {"return": {}})
    with closing(Qmp(Path("qmp"))) as talk:
        emulator.end.shutdown(socket.SHUT_WR)
        with pytest.raises(BootError, match="QEMU is gone"):
            talk.ask("stop")
        emulator.end.close()
        with pytest.raises(BootError, match="does not answer to cont"):
            talk.ask("cont")


@pytest.mark.parametrize("said", [(), (GREETING, {"error": {"class": "x", "desc": "no"}})])
def test_a_greeting_that_fails_leaves_no_socket(emulator: Emulator, said: tuple[object]) -> None:
    emulator.say(*said)
    emulator.end.shutdown(socket.SHUT_WR)
    with pytest.raises(BootError):
        Qmp(Path("qmp"))
    assert emulator.ours.fileno() == -1


def test_a_socket_that_never_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qmp, "PATIENCE", 0.0)
    with pytest.raises(BootError, match="opens no control socket"):
        Qmp(tmp_path / "qmp")
