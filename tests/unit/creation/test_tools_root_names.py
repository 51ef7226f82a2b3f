"""The root that --tools auto makes has every program that a build calls there."""

from appliance.creation.tools_root import NAMES
from appliance.host.tools import TOOLS

PURPOSES = ("build", "debian", "rpm", "disks")  # the others are work of this machine's programs
ESSENTIAL = {"coreutils", "dash"}  # every root of Debian's has them
ELSEWHERE = {"dnf", "uidmap"}  # the suite says which dnf; the namespace is there before the root


def test_what_builds_call_is_in_the_root() -> None:
    called = {tool.debian for tool in TOOLS.values() if tool.purpose in PURPOSES}
    assert called - {*NAMES} == ESSENTIAL | ELSEWHERE
