"""The shipped kickstarts, built from the real archive: they boot, and let us in."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.boot.conftest import PASSWORD, Build, appliance, larger

MB = 1_000_000
LOGIN = f"root:{PASSWORD}"
MOST_PACKAGES, MOST_INSTALLED, MOST_IMAGE = 130, 240 * MB, 110 * MB
CHECK = """\
#!/bin/sh
set -e
grep -q '^VERSION_CODENAME={release}$' /etc/os-release
test "$(stat -c %U:%G:%a /root)" = root:root:700
test -z "$(find /etc/ssh -name 'ssh_host_*' ! -newer /etc/machine-id)"
apt-get --version > /dev/null
grep -q deb.debian.org /etc/apt/sources.list.d/debian.sources
"""
GROWN = """\
#!/bin/sh
test "$(df --output=size --block-size=1M / | tail -n 1)" -gt 2900
"""


def boots(place: Path, tmp_path: Path, *words: str | Path) -> dict[str, object]:
    """Run `appliance test`; the report, if everything passed."""
    done = appliance("test", place, "--login", LOGIN, "--output", tmp_path / "report", *words)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return json.loads((tmp_path / "report/report.json").read_text())  # type: ignore[no-any-return]


@pytest.mark.parametrize("release", ["trixie", "bookworm"])
def test_the_aos_boots_under_both_firmwares_lets_us_in_and_fills_its_disk(
    release: str, build: Build, tmp_path: Path
) -> None:
    place = build("aos-debian", "--releasever", release)
    check = tmp_path / "check.sh"
    check.write_text(CHECK.format(release=release))

    boots(place, tmp_path, "--check", check, "--firmware", "bios")
    check.write_text(GROWN)
    image = larger(place / "aos-debian-sda.qcow2", tmp_path, "+2G")
    boots(image, tmp_path, "--check", check, "--firmware", "uefi")


def test_the_aos_keeps_its_sizes(build: Build) -> None:
    place = build("aos-debian", "--releasever", "trixie")

    packages = json.loads((place / "aos-debian.packages.json").read_text())["packages"]
    said = appliance("shell", place, "--", "du", "--summarize", "--bytes", "-x", "/")

    assert len(packages) < MOST_PACKAGES
    assert int(said.stdout.split()[0]) < MOST_INSTALLED
    assert (place / "aos-debian-sda.qcow2").stat().st_size < MOST_IMAGE


def test_a_web_server_is_the_aos_and_a_few_lines(build: Build) -> None:
    place = build("web-debian")
    argv = [sys.executable, "-m", "appliance", "run", str(place), "--port", "18080:80"]
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as machine:
        try:
            page = fetched("http://127.0.0.1:18080/", machine)
        finally:
            machine.terminate()

    assert "It works: made from a kickstart" in page


def fetched(url: str, machine: "subprocess.Popen[str]") -> str:
    """The page, as soon as there is one."""
    limit = time.monotonic() + 600
    while time.monotonic() < limit:
        assert machine.poll() is None, machine.stdout.read() if machine.stdout else ""
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError):
            time.sleep(2)
    raise AssertionError(f"no page at {url}")


@pytest.mark.slow
def test_the_generic_kernel_boots_too(build: Build, tmp_path: Path) -> None:
    boots(build("aos-debian-generic"), tmp_path)
