"""`appliance doctor`: how findings are told; tests/tools has it look at this machine."""

import pytest

from appliance.cli.doctor import line, show
from appliance.host.checkup import HostFinding

GOOD = HostFinding("mke2fs", "good", "1.47.0")
BAD = HostFinding("mtools", "bad", "is not installed", "apt-get install mtools")


def test_a_cure_stands_below_what_it_cures() -> None:
    assert line(BAD) == (
        "bad   mtools               is not installed\n      try: apt-get install mtools"
    )


@pytest.mark.parametrize(
    ("findings", "last"),
    [((GOOD,), "A build can work here."), ((GOOD, BAD), "A build cannot work here yet.")],
)
def test_the_last_line_says_whether_a_build_can_work(
    capsys: pytest.CaptureFixture[str], findings: tuple[HostFinding, ...], last: str
) -> None:
    show(findings)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "good  mke2fs               1.47.0"
    assert lines[-1] == last
