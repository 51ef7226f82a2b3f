"""Appliances built from the real archive, once for all tests that boot them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PASSWORD = "open-sesame"

Build = Callable[..., Path]
Started = Callable[..., Path]


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


@pytest.fixture
def starts(tmp_path: Path) -> Started:
    """Build a kickstart, start it, and run a check in it; return the appliance's directory.

    *tested* are words for `test`, *change* changes the appliance between the two.
    """

    def start(
        text: str,
        check: str,
        *options: str,
        firmware: str = "both",
        tested: tuple[str, ...] = (),
        change: Callable[[Path], None] = lambda place: None,
    ) -> Path:
        (tmp_path / "disks.ks").write_text(text)
        script = tmp_path / "check.sh"
        script.write_text(check)
        done = appliance(
            "build", tmp_path / "disks.ks", "--root-password", PASSWORD, *options,
            *("--store", tmp_path / "store", "-o", tmp_path / "out"),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        change(tmp_path / "out/disks")
        done = appliance(
            "test", tmp_path / "out/disks", "--login", f"root:{PASSWORD}", "--check", script,
            *("--firmware", firmware, "--output", tmp_path / "report"), *tested,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return tmp_path / "out/disks"

    return start
