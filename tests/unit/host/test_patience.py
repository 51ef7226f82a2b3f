"""A machine is waited for in its own time: a clock that stands still while it gets no processor."""

import os

from appliance.host.patience import STRETCH, Patience, queued


class Slow:
    """A time that passes as a test says, of which a process may wait in the queue."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits = {"1": 5.0, "2": 7.0}

    def pass_(self, seconds: float, **waits: float) -> None:
        """Let time pass; of it, each thread waits for so long."""
        self.now += seconds
        for name, waited in waits.items():
            self.waits[name.removeprefix("thread")] += waited

    def patience(self, seconds: float) -> Patience:
        return Patience(seconds, 1, clock=lambda: self.now, queue=lambda pid: dict(self.waits))


def test_silence_ends_it() -> None:
    time = Slow()
    patience = time.patience(60)

    time.pass_(59)
    assert not patience.is_over()
    time.pass_(1)

    assert patience.is_over()
    assert patience.said == "nothing was said for 60 s"


def test_a_sign_of_life_makes_it_last_but_not_for_ever() -> None:
    time = Slow()
    patience = time.patience(60)

    for _ in range(int(STRETCH) * 2 - 1):
        time.pass_(30)
        patience.heard()
        assert not patience.is_over()
    time.pass_(30)
    patience.heard()

    assert patience.is_over()
    assert patience.said == "it is not there after 240 s, although more is said"


def test_time_without_a_processor_does_not_count() -> None:
    time = Slow()
    patience = time.patience(60)

    for _ in range(100):
        time.pass_(1, thread1=0.75, thread2=0.25)
        assert not patience.is_over()
    for _ in range(35):
        time.pass_(1)

    assert patience.is_over()
    assert patience.said == "nothing was said for 60 s, and 75 s without a processor"


def test_threads_that_come_and_go_are_no_miracles() -> None:
    time = Slow()
    patience = time.patience(60)

    time.waits["3"] = 500.0  # more than the time that passed: an older thread of the same number
    time.pass_(10)
    assert not patience.is_over()
    del time.waits["3"], time.waits["1"]
    time.pass_(60)

    assert patience.is_over()


def test_the_kernel_tells_for_how_long_we_waited() -> None:
    before = queued(os.getpid())

    assert str(os.getpid()) in before
    assert all(waited >= 0 for waited in before.values())
    assert queued(2**22 + 1) == {}
