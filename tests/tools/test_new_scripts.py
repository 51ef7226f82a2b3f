"""What `appliance new` writes, read by the programs that it is for."""

import py_compile
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.scaffold.start import start
from appliance.scaffold.templates import BASES, KNOWN

POST = re.compile(r"^%post.*?\n(.*?)^%end", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of each kind for each family."""
    place = tmp_path_factory.mktemp("new")
    for kind in KNOWN:
        for family in BASES:
            start(place / family / f"my-{kind}", kind=kind, family=family)
    return place


def scripts(place: Path) -> Iterator[Path]:
    """All shell scripts: files, and %post sections, which are written into files."""
    yield from place.rglob("*.sh")
    for kickstart in place.rglob("*.ks"):
        for number, body in enumerate(POST.findall(kickstart.read_text())):
            path = kickstart.with_name(f"{kickstart.stem}-post-{number}")
            path.write_text(f"#!/bin/sh\n{body}")
            yield path


def test_shellcheck_has_nothing_to_say(everything: Path) -> None:
    files = list(scripts(everything))
    assert len(files) > 2 * len(KNOWN) * len(BASES)
    words = ["shellcheck", "--severity=info", "--format=gcc", "--exclude=SC2012", *files]
    asked = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stdout) == (0, "")


def test_the_services_are_programs(everything: Path, tmp_path: Path) -> None:
    py_compile.compile(
        str(everything / "debian/my-python/files/app/server.py"), str(tmp_path / "x"), doraise=True
    )
    if node := shutil.which("node"):
        subprocess.run([node, "--check", everything / "debian/my-node/files/app/server.js"],
                       check=True)  # fmt: skip


def test_systemd_takes_the_units(everything: Path, tmp_path: Path) -> None:
    for kind in ("python", "node", "java"):
        text = (everything / f"debian/my-{kind}/files/service.unit").read_text()
        unit = tmp_path / f"my-{kind}.service"
        unit.write_text(re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", text, flags=re.MULTILINE))
        asked = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (asked.returncode, asked.stderr) == (0, "")
