"""Files that people name are read only if they end."""

import os
from pathlib import Path

import pytest

from appliance.cli.options.paths import PUBLIC_KEY
from appliance.errors import RequestError
from appliance.host.short_texts import short_text
from appliance.trial.checks import author_check


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ValueError, match="not a regular file"):
        short_text(pipe, 10)
    with pytest.raises(ValueError, match="not a regular file"):
        PUBLIC_KEY.read(str(pipe))
    with pytest.raises(RequestError, match="not a regular file"):
        author_check(pipe)
    with pytest.raises(RequestError, match="not a regular file"):
        author_check(Path("/dev/zero"))


def test_a_text_has_an_end(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("x" * 1024)
    assert short_text(text, 1024) == "x" * 1024
    with pytest.raises(ValueError, match="longer than 1023"):
        short_text(text, 1023)
