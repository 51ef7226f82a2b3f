"""One published image, many identities: each is given at launch, and lets only its own in."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.boot.conftest import Build, appliance

import waiting

FIRST, SECOND = "first-machine", "second-machine"
ASK = "echo name=$(hostname) keys=$(cat /root/.ssh/authorized_keys | cut -d' ' -f3) ; exit\n"


@pytest.fixture(scope="module")
def published(build: Build) -> Path:
    """The AOS, with nobody's password and nobody's key."""
    return build("aos-debian", "--root-password", "")


def key(place: Path, comment: str) -> Path:
    path = place / comment
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path]
    subprocess.run(words, check=True)
    return path


def launched(published: Path, tmp_path: Path, name: str, *options: str) -> str:
    """Start *published* with an identity of its own and log in with its key."""
    words = ["run", published, "--ssh", "--ssh-key", key(tmp_path, name), "--hostname", name]
    argv = [sys.executable, "-m", "appliance", *map(str, words), *options]
    done = waiting.ended(argv, input=ASK)
    waiting.well(done)
    return done.stdout


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (FIRST, ()),
        pytest.param(SECOND, ("--firmware", "uefi"), marks=pytest.mark.slow),
        pytest.param(FIRST, ("--firmware", "uefi"), marks=pytest.mark.slow),
        pytest.param(SECOND, (), marks=pytest.mark.slow),
    ],
)
def test_one_image_lets_each_in_under_their_own_name(
    name: str, options: tuple[str, ...], published: Path, tmp_path: Path
) -> None:
    before = (published / "aos-debian-sda.qcow2").stat().st_mtime_ns

    said = launched(published, tmp_path, name, *options)

    assert f"name={name} keys={name}" in said
    assert (published / "aos-debian-sda.qcow2").stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_password_given_at_launch_lets_in_too(published: Path, tmp_path: Path) -> None:
    done = appliance("test", published, "--output", tmp_path / "report")

    waiting.well(done)
    assert "login" in done.stdout
