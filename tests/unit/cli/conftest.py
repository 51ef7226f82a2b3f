"""Commands as people type them, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from as_typed import Ended, Typed

from appliance.cli import main


@pytest.fixture
def typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Run a command in a directory of its own, with a store of its own; *program* is its main()."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*words: str | Path, program: Callable[[list[str]], int] = main) -> Ended:
        try:
            code = program([str(word) for word in words])
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return run
