"""Appliances built from the real archive, once for all tests that boot them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PASSWORD = "open-sesame"

Build = Callable[..., Path]


def appliance(*words: str | Path, timeout: float = 1500) -> subprocess.CompletedProcess[str]:
    """Run the command line as people do."""
    argv = [sys.executable, "-m", "appliance", *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Build a shipped kickstart and return the appliance's directory."""
    place = tmp_path_factory.mktemp("appliances")

    def make(name: str, *options: str) -> Path:
        output = place / "-".join((name, *options)).replace("/", "_")
        if not output.exists():
            done = appliance(
                "build",
                REPOSITORY / "kickstarts" / f"{name}.ks",
                *("--root-password", PASSWORD, "--store", place / "store", "-o", output, *options),
            )
            assert done.returncode == 0, done.stderr
        return output / name

    return make
