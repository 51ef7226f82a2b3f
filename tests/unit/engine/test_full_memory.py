"""A workbench in memory that takes not even a directory: the build goes on on disk."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from appliance.engine import worker
from appliance.engine.worker import OutgrownError, Shop, run_step
from appliance.host import trees
from appliance.work.results import FilesystemImage


@pytest.mark.parametrize("refused", ["passing", "scratch"])
def test_no_directory_is_no_reason_to_give_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    real = Path.mkdir

    def mkdir(path: Path, *words: Any, **more: Any) -> None:
        if refused in (path.name, path.parent.name):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path, *words, **more)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    monkeypatch.setattr(trees, "is_full", lambda place: place == tmp_path)
    monkeypatch.setattr(worker, "say", lambda data: None)
    step: Any = SimpleNamespace(gives=FilesystemImage("/"), takes=())
    plan: Any = SimpleNamespace(steps=(step,), digests=lambda: {step.gives: "d1"})
    nothing: Any = None
    order: Any = SimpleNamespace(memory=1, shell=False)
    with pytest.raises(OutgrownError):
        run_step(plan, step, Shop(nothing, nothing, tmp_path, order))
