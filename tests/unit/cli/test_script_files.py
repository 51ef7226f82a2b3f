"""Which files --run takes for scripts."""

from pathlib import Path

import pytest

from appliance.cli.options.paths import SCRIPT
from appliance.errors import RequestError


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"#!/bin/sh\r\ntrue\r\n", "line ends of Windows"),
        (b"true\n\0", "zero byte"),
        (b"\x7fELF\xff", "a program"),
        (b"x" * ((1 << 20) + 1), "longer than 1 MiB"),
    ],
)
def test_what_no_interpreter_could_read(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "setup.sh"
    file.write_bytes(content)
    with pytest.raises((RequestError, ValueError), match=problem):
        SCRIPT.read(str(file))
