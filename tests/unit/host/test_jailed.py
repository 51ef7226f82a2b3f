"""A jail's terms, as the sandbox's own program is told them."""

import json
from pathlib import Path
from typing import Any

from appliance.host.jailed import handed_in, in_jail
from appliance.host.sandbox import HANDED_IN
from appliance.work import Jail


def terms(jail: Jail, **words: Any) -> dict[str, Any]:
    argv = in_jail(["sh", Path("/x")], root=Path("/r"), environment={"A": "b"}, jail=jail, **words)
    split = argv.index("--")
    assert argv[split + 1 :] == ["sh", "/x"]
    assert argv[split - 2] == "jail"
    said: dict[str, Any] = json.loads(argv[split - 1])
    return said


def test_a_program_gets_nothing_that_was_not_said() -> None:
    assert terms(Jail()) == {
        "root": "/r", "environment": {"A": "b"}, "network": "", "outside": False,
        "furnished": False, "binds": [], "tools": "", "devices": [], "seconds": 0,
        "handed_in": [],
        "directory": "/",
        "gateways": [], "name_servers": "",
    }  # fmt: skip


def test_directories_are_read_only_unless_they_are_writable() -> None:
    jail = Jail(binds=((Path("/a"), "/in/a"),), writable=((Path("/b"), "/in/b"),))

    assert terms(jail)["binds"] == [["/a", "/in/a", False], ["/b", "/in/b", True]]


def test_only_a_limited_program_is_ended_after_a_while() -> None:
    assert terms(Jail(limited=True), seconds=9)["seconds"] == 9
    assert terms(Jail(), seconds=9)["seconds"] == 0


def test_a_secret_is_on_no_command_line() -> None:
    jail = Jail(secrets=(("PW", "horse"),))

    assert terms(jail)["handed_in"] == ["PW"]
    assert "horse" not in repr(terms(jail)) + repr(jail)
    assert handed_in(jail) == {f"{HANDED_IN}PW": "horse"}


def test_all_terms_arrive() -> None:
    jail = Jail(network="host", outside=True, furnished=True, devices=(("vda", ""),),
               directory="/mnt/files")  # fmt: skip
    said = terms(jail, tools="/tools")

    assert (said["network"], said["outside"], said["furnished"]) == ("host", True, True)
    assert said["directory"] == "/mnt/files"
    assert (said["devices"], said["tools"]) == ([["vda", ""]], "/tools")
