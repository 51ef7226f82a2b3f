"""Every tool of the table that is here says a version, and quickly."""

import os
import re
from pathlib import Path

import pytest

from appliance.errors import CommandError, HostError
from appliance.host import command, probe
from appliance.host.tools import TOOLS

HERE = tuple(name for name, tool in TOOLS.items() if probe.place(tool))
SAYING = [name for name in HERE if TOOLS[name].asks and not TOOLS[name].paths]


def test_every_tool_says_its_version() -> None:
    versions = dict(probe.tool_versions(HERE))
    assert tuple(versions) == HERE
    for name in SAYING:
        assert re.search(r"\d+[.]\d+", versions[name]), f"{name}: {versions[name]!r}"


def test_a_missing_tool_is_an_error_with_a_cure() -> None:
    with pytest.raises(HostError, match="not installed: no-such-tool") as refused:
        probe.tool_versions(("no-such-tool", *HERE[:1]))
    assert refused.value.hint.endswith("install no-such-tool")


def test_a_program_that_waits_for_ever_is_ended(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CommandError, match="stopped with status 124"):
        command.run(command.limited(["cat", tmp_path / "pipe"], 1))
    with pytest.raises(HostError, match="no-such-tool is not installed"):
        command.limited(["no-such-tool"], 1)


def test_the_namespace_is_really_tried() -> None:
    refusal = probe.namespace_refusal()
    assert "Traceback" not in refusal
