"""Appliances built from the real archive, once for all tests that boot them."""

import shutil
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


def larger(image: Path, place: Path, more: str) -> Path:
    """A copy of a disk in the directory *place*, with *more* room (+2G) behind all partitions."""
    copy = shutil.copy(image, place / f"larger{image.suffix}")
    subprocess.run(["qemu-img", "resize", "-q", copy, more], check=True)
    return copy


@pytest.fixture
def starts(tmp_path: Path) -> Started:
    """Build a kickstart, start it, and run a check in it; return the appliance's directory.

    *tested* are words for `test`; *grown*: the disk is so much larger (+2G) than it was built.
    """

    def start(
        text: str,
        check: str,
        *options: str,
        firmware: str = "both",
        tested: tuple[str, ...] = (),
        grown: str = "",
    ) -> Path:
        (tmp_path / "disks.ks").write_text(text)
        script = tmp_path / "check.sh"
        script.write_text(check)
        done = appliance(
            "build", tmp_path / "disks.ks", "--root-password", PASSWORD, *options,
            *("--store", tmp_path / "store", "-o", tmp_path / "out"),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        place = tmp_path / "out/disks"
        if grown:
            place = larger(place / "disks-sda.qcow2", tmp_path, grown)
        done = appliance(
            "test", place, "--login", f"root:{PASSWORD}", "--check", script,
            *("--firmware", firmware, "--output", tmp_path / "report"), *tested,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return tmp_path / "out/disks"

    return start
