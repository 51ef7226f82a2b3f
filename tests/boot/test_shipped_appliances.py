"""The shipped kickstarts, built from the real archive: they boot, and let us in."""

import http.client
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tests.boot.conftest import PASSWORD, REPOSITORY, Build, Started, appliance, larger

import waiting
from appliance.boot.machine import free_port
from statements import key

KICKSTARTS = REPOSITORY / "kickstarts"
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

ASKING = """\
[first-boot]
scripts = ["ask.sh"]
credentials = ["a"]
"""
ASKED = """\
#!/bin/sh -eu
grep -q mended "$CREDENTIALS_DIRECTORY/a" || { echo no such luck; exit 3; }
echo asked >> /var/lib/asked
"""
ONCE = """\
#!/bin/sh
set -ex
test -e /var/lib/appliance/first-boot/done
systemctl restart appliance-first-boot.service
systemctl show -p ConditionResult appliance-first-boot.service | grep -x ConditionResult=no
test "$(cat /var/lib/asked)" = asked
"""


def boots(place: Path, tmp_path: Path, *words: str | Path) -> list[dict[str, Any]]:
    """Run `appliance test`; the report of each firmware, if everything passed."""
    done = appliance("test", place, "--login", LOGIN, "--output", tmp_path / "report", *words)
    waiting.well(done)
    reports = json.loads((tmp_path / "report/report.json").read_text())["reports"]
    return list(reports)


# What VMware has, on which Debian's cloud kernel starts too; the other boots are on virtio.
VMWARE = ("--disk-bus", "pvscsi", "--network-card", "vmxnet3")


@pytest.mark.parametrize(
    ("release", "hardware"),
    [("trixie", VMWARE), pytest.param("bookworm", (), marks=pytest.mark.slow)],
)
def test_the_aos_boots_under_both_firmwares_lets_us_in_and_fills_its_disk(
    release: str, hardware: tuple[str, ...], build: Build, tmp_path: Path
) -> None:
    place = build("aos-debian", "--releasever", release)
    check = tmp_path / "check.sh"
    check.write_text(CHECK.format(release=release))

    private, public = key(tmp_path)
    words = ("--check", check, "--statement-key", private, "--firmware", "bios", *hardware)
    report = boots(place, tmp_path, *words)
    statement = tmp_path / "report/aos-debian.test.json"
    told = waiting.well(appliance("verify", place, "--key", public, "--statement", statement))
    assert "test result, PASSED, of 2 files" in told.stdout
    assert {"network", "no unit failed"} <= {check["name"] for check in report[0]["checks"]}
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


SHIPPED = [
    ("aos-debian", ("--releasever", "trixie")),
    *(
        pytest.param(name, words, marks=pytest.mark.slow)
        for name, words in (
            ("aos-debian", ("--releasever", "bookworm")),
            ("aos-debian-generic", ()),
            ("web-debian", ()),
            ("shop-debian", ("--var", "SHOP_NAME=Tea & more", "--hostname", "tea.example")),
        )
    ),
]


@pytest.mark.parametrize(("name", "words"), SHIPPED)
def test_each_goes_by_the_conventions(name: str, words: tuple[str, ...], build: Build) -> None:
    done = appliance("lint", "--conventions", build(name, *words))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "edition 1: 0 breaks" in done.stdout


def nothing_leaks(place: Path) -> None:
    """In the disks of an appliance of ours nothing is that must not leave the house, but for the
    password that the tests gave it."""
    said = appliance("lint", place, "--strict", "--allow", "password:/etc/shadow")
    assert said.returncode == 0, said.stdout
    assert "not judged" not in said.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("aos-debian", "--releasever", "trixie"),
        pytest.param(("aos-debian", "--releasever", "bookworm"), marks=pytest.mark.slow),
        pytest.param(("aos-debian-generic",), marks=pytest.mark.slow),
        pytest.param(("web-debian",), marks=pytest.mark.slow),
        pytest.param(
            ("shop-debian", "--var", "SHOP_NAME=Tea & more", "--hostname", "tea.example"),
            marks=pytest.mark.slow,
        ),
    ],
    ids=lambda words: "-".join(words[:1] + words[2:3]),
)
def test_nothing_is_in_it_that_must_not_leave(words: tuple[str, ...], build: Build) -> None:
    nothing_leaks(build(*words))


@pytest.mark.slow
def test_a_web_server_is_the_aos_and_a_few_lines(build: Build, tmp_path: Path) -> None:
    port, console = free_port(), tmp_path / "console"
    words = ["run", build("web-debian"), "--port", f"{port}:80"]
    argv = [sys.executable, "-m", "appliance", *map(str, words)]
    with (
        console.open("w") as said,
        subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=said, stderr=said) as machine,
    ):
        try:
            page = waiting.until_guest(
                lambda: fetched(f"http://127.0.0.1:{port}/", machine, console),
                "the page of the web server", program=machine, console=console,
            )  # fmt: skip
        finally:
            machine.terminate()

    assert "It works: made from a kickstart" in page


def fetched(url: str, machine: "subprocess.Popen[bytes]", console: Path) -> str | None:
    """The page, if there is one already."""
    assert machine.poll() is None, console.read_text(errors="replace")
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return str(answer.read().decode())
    except (OSError, http.client.HTTPException):
        return None


@pytest.mark.slow
def test_a_shop_makes_its_secrets_at_its_first_boot_and_sells(build: Build, tmp_path: Path) -> None:
    place = build("shop-debian", "--var", "SHOP_NAME=Tea & more", "--hostname", "tea.example")
    check = tmp_path / "name.sh"
    check.write_text("#!/bin/sh\ngrep -F 'Tea & more' /etc/shop/shop.conf\n")
    words = ("--check", KICKSTARTS / "shop/check.sh", "--check", check)

    drawn = set()
    for firmware in ("bios", "uefi"):
        (tmp_path / firmware).mkdir()
        boots(place, tmp_path / firmware, *words, "--firmware", firmware)
        console = (tmp_path / f"{firmware}/report/console-{firmware}.log").read_text(
            errors="replace"
        )
        assert "first boot: 01-database.sh" in console
        drawn.update(re.findall(r"shopkeeper, with the password (\S+)", console))
    assert len(drawn) == 2
    said = appliance("shell", place, "--", "ls", "/etc/shop", "/etc/postgresql", "/etc/ssl/private")
    assert not {"database", "tls.key", "17", "ssl-cert-snakeoil.key"} & {*said.stdout.split()}
    assert "shop.conf" in said.stdout


@pytest.mark.slow
@pytest.mark.parametrize("release", ["trixie", "bookworm"])
def test_a_first_boot_runs_once_before_the_login_and_fails_loudly(
    release: str, starts: Started, tmp_path: Path
) -> None:
    text = f"%include {KICKSTARTS}/aos-debian.ks\n"
    first_boot_is_kept(starts, tmp_path, text, "--releasever", release)


def first_boot_is_kept(
    starts: Started, tmp_path: Path, text: str, *options: str, check: str = ""
) -> None:
    """Build *text* with a script for its first boot, and start it with the credential that the
    script asks for, and with another one."""
    (tmp_path / "disks.toml").write_text(ASKING)
    (tmp_path / "ask.sh").write_text(ASKED)
    place = starts(
        text, ONCE + check, *options, firmware="bios", tested=("--credential", "a=mended")
    )
    console = (tmp_path / "report/console-bios.log").read_text(errors="replace")
    assert "login: " in console.partition("first boot: 01-ask.sh")[2]
    assert "login: " not in console.partition("first boot: 01-ask.sh")[0]

    done = appliance(
        "test", place, "--login", LOGIN, "--firmware", "bios", "--credential", "a=broken",
        "--output", tmp_path / "failed",
    )  # fmt: skip
    assert done.returncode == 5
    assert "appliance-first-boot.service" in done.stderr
    console = (tmp_path / "failed/console-bios.log").read_text(errors="replace")
    assert "THE FIRST BOOT FAILED: 01-ask.sh ended with status 3" in console
    assert "  | no such luck" in console


@pytest.mark.slow
def test_the_generic_kernel_boots_too(build: Build, tmp_path: Path) -> None:
    boots(build("aos-debian-generic"), tmp_path)
