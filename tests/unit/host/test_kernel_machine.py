"""What is heard of a machine: every line, but not one that speaks for ever."""

import io

import pytest

from appliance.host import kernel_machine
from appliance.host.kernel_machine import LONGEST, MOST, _heard


class Endless(io.StringIO):
    """Says the same for ever, in lines or without an end of one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def readline(self, size: int | None = -1, /) -> str:
        return self.text[:size]


def test_every_line_is_heard_without_what_terminals_understand() -> None:
    printed: list[str] = []
    told: list[str] = []
    assert _heard(io.StringIO("\x1b[1mone\r\ntwo\x1bc\n\nlast"), printed, told.append)
    assert printed == told == ["one", "two", "", "last"]


@pytest.mark.parametrize("text", ["the same again\n", "x" * 2 * LONGEST])
def test_one_that_speaks_for_ever_is_not_heard_to_the_end(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(kernel_machine, "MOST", 10 * LONGEST)
    printed: list[str] = []
    assert not _heard(Endless(text), printed, lambda line: None)
    assert 9 * LONGEST < sum(len(line) + 1 for line in printed) <= 10 * LONGEST + 10
    assert MOST > 10 * LONGEST
