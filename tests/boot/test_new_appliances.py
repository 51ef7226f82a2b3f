"""What `appliance new` writes, built, started and tested as it says that people type it."""

import os
import shlex
from pathlib import Path

import pytest
import yaml
from tests.boot.conftest import MIRRORS, appliance

import waiting
from appliance.scaffold.templates import APT, BASES, KNOWN
from rpm_distribution.world import World

# Of the RPM families those are built that name nothing which the tests' distribution has not.
BUILT_OF_RPM = ("empty", "python")


def typed(line: str, *more: str | Path) -> None:
    """Run a command line, with more words behind it."""
    program, *words = shlex.split(line.removeprefix("sudo "))
    assert program == "appliance"
    waiting.well(appliance(*words, *more))


def tried(kind: str, family: str, store: Path, *words: str | Path) -> Path:
    """Make a directory in the current one, and do in it what its CI does; *words* are for
    `build`."""
    waiting.well(appliance("new", f"my-{kind}", "--like", kind, "--family", family))
    os.chdir(f"my-{kind}")
    job = yaml.safe_load(Path(".gitlab-ci.yml").read_text())["build-and-test"]
    check, build, test = (line for line in job["script"] if line.startswith("appliance "))
    typed(check)
    typed(build, "--store", store, *words)
    typed(test, "--firmware", "bios", "--store", store)
    done = appliance("lint", "--conventions", f"out/my-{kind}")
    assert done.returncode == 0, done.stdout
    return Path.cwd()


@pytest.mark.slow
@pytest.mark.parametrize("family", [base.name for base in BASES.values() if base.packages == APT])
@pytest.mark.parametrize("kind", KNOWN)
def test_it_is_built_and_does_what_it_should(
    kind: str, family: str, appliances: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tried(kind, family, appliances / "store")


@pytest.mark.slow
@pytest.mark.parametrize("family", [base.name for base in BASES.values() if base.packages != APT])
@pytest.mark.parametrize("kind", BUILT_OF_RPM)
def test_it_is_built_of_what_the_tests_have(
    kind: str,
    family: str,
    rpm_world: World,
    appliances: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for place, repository in MIRRORS[BASES[family].aos.removesuffix(".ks")].items():
        (tmp_path / "mirror" / place).parent.mkdir(parents=True)
        (tmp_path / "mirror" / place).symlink_to(getattr(rpm_world, repository))
    words = ("--mirror", f"file://{tmp_path}/mirror", "--keyring", rpm_world.key)
    tried(kind, family, appliances / "store", *words)
