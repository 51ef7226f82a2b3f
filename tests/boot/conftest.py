"""Appliances built from the real archive, once for all tests that boot them."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import waiting
from rpm_distribution.world import World

REPOSITORY = Path(__file__).parents[2]
PASSWORD = "open-sesame"
# Where a mirror of each family has the repositories that a release is made of.
MIRRORS = {
    "aos-fedora": {
        "releases/44/Everything/x86_64/os": "base",
        "updates/44/Everything/x86_64": "updates",
    },
    "aos-centos-stream": {
        "10-stream/BaseOS/x86_64/os": "base",
        "10-stream/AppStream/x86_64/os": "updates",
    },
}

Build = Callable[..., Path]
Started = Callable[..., Path]


def appliance(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line as people do."""
    return waiting.ended([sys.executable, "-m", "appliance", *map(str, words)])


@pytest.fixture(scope="session")
def appliances(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for what is built, with a store for all tests: those of all workers of xdist."""
    place = tmp_path_factory.getbasetemp()
    place = (place.parent if "PYTEST_XDIST_WORKER" in os.environ else place) / "appliances"
    place.mkdir(exist_ok=True)
    return place


@pytest.fixture(scope="session")
def build(appliances: Path) -> Build:
    """Build a shipped kickstart, once, and return the appliance's directory. In none is anything
    that must not leave the house."""

    def make(name: str, *options: str) -> Path:
        output = appliances / "-".join((name, *options)).replace("/", "_")
        recipe, store = REPOSITORY / "kickstarts" / f"{name}.ks", appliances / "store"
        words = ("--root-password", PASSWORD, "--store", store, "-o", output, *options)
        words += ("--strict-leaks",)
        with output.with_name(f"{output.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not output.exists():
                waiting.well(appliance("build", recipe, *words))
        return output / name

    return make


@pytest.fixture(scope="session")
def rpm_words(rpm_world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What to say to `build` for each kickstart: a mirror laid out as the family's are."""
    words = {}
    for name, places in MIRRORS.items():
        mirror = tmp_path_factory.mktemp(name)
        for place, repository in places.items():
            (mirror / place).parent.mkdir(parents=True)
            (mirror / place).symlink_to(getattr(rpm_world, repository))
        words[name] = ["--mirror", f"file://{mirror}", "--keyring", str(rpm_world.key)]
    return words


def larger(image: Path, place: Path, more: str) -> Path:
    """A copy of a disk in the directory *place*, with *more* room (+2G) behind all partitions."""
    copy = shutil.copy(image, place / f"larger{image.suffix}")
    subprocess.run(["qemu-img", "resize", "-q", copy, more], check=True)
    return copy


@pytest.fixture
def starts(tmp_path: Path, appliances: Path) -> Started:
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
            *("--store", appliances / "store", "-o", tmp_path / "out"),
        )  # fmt: skip
        waiting.well(done)
        place = tmp_path / "out/disks"
        if grown:
            place = larger(place / "disks-sda.qcow2", tmp_path, grown)
        done = appliance(
            "test", place, "--login", f"root:{PASSWORD}", "--check", script,
            *("--firmware", firmware, "--output", tmp_path / "report"), *tested,
        )  # fmt: skip
        waiting.well(done)
        return tmp_path / "out/disks"

    return start
