"""debsecan, run over the same packages with the same file, finds the same.

Two differences, both of vulnerabilities of a binary package: debsecan looks for these under the
name of the source package alone, as soon as anything is known of that; and it takes them for those
of the source package, where that has the same name. Here such are told of packages that are the
only one of their source, of which both programs say the same.
"""

import http.server
import random
import shutil
import subprocess
import threading
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from appliance.inspection.audit.audit import Subject, audit
from appliance.inspection.content_facts import InstalledPackage

HOST_STATUS = Path("/var/lib/dpkg/status")
QUERY = "${db:Status-Status}\t${Package}\t${Version}\t${source:Package}\t${source:Version}\n"
pytestmark = pytest.mark.skipif(not HOST_STATUS.exists(), reason="dpkg installed nothing here")


def packages() -> tuple[InstalledPackage, ...]:
    said = subprocess.run(
        ["dpkg-query", "-W", "-f", QUERY], capture_output=True, text=True, check=True
    )
    rows = [line.split("\t") for line in said.stdout.splitlines()]
    return tuple(
        InstalledPackage(name, version, "amd64", "deb", source=source, source_version=built)
        for state, name, version, source, built in rows
        if state == "installed"
    )


def data(installed: tuple[InstalledPackage, ...]) -> bytes:
    """Vulnerabilities of all shapes, of half of the packages that are there and of some others."""
    dice = random.Random(7)
    names, lines = [], []
    for package in installed[::2]:
        version = package.source_version
        for unstable, others in (
            (version, ""), (f"{version}+x1", ""), (f"{version}+x1", version), ("", ""),
            ("", version), (f"{version}~pre", ""), ("99:1-1", f"{version} 1.0"),
        ):  # fmt: skip
            flags = "S" + dice.choice("LMH ") + dice.choice("R ?") + dice.choice("F ")
            lines.append(f"{package.source},{len(names)},{flags},{unstable},{others}")
            names.append(f"CVE-2026-{len(names):04},,about {package.source}, and more")
        if [each.name for each in installed if each.source == package.source] == [package.source]:
            lines.append(f"{package.name},{len(names)},BM F,{package.version}+y,")
            names.append(f"CVE-2026-{len(names):04},,of {package.name}")
    lines.append("no-such-package,0,SL F,1-1,")
    text = "\n".join(["VERSION 1", *names, "", *lines, "", ""]) + "\n"
    return zlib.compress(text.encode())


@pytest.fixture
def published(tmp_path: Path) -> Iterator[str]:
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_the_same_findings(tmp_path: Path, published: str) -> None:
    debsecan = shutil.which("debsecan")
    assert debsecan, "debsecan is one of the packages that `make setup` installs"
    installed = packages()
    (tmp_path / "GENERIC").write_bytes(data(installed))
    theirs = {}
    for kind in ([], ["--suite", "trixie", "--only-fixed"]):
        (tmp_path / "trixie").write_bytes((tmp_path / "GENERIC").read_bytes())
        said = subprocess.run(
            [debsecan, "--source", published, "--format", "simple", *kind],
            capture_output=True, text=True, check=False,
            env={"PATH": "/usr/bin:/bin", "no_proxy": "*"},
        )  # fmt: skip
        assert said.returncode == 0, said.stderr
        theirs[len(kind)] = {tuple(line.split()[:2]) for line in said.stdout.splitlines()}
    found = audit(Subject("host", "debian", "trixie", installed), [tmp_path / "GENERIC"])
    ours = {
        (finding.advisory.name, name) for finding in found.findings for name in finding.packages
    }
    fixed = {
        (finding.advisory.name, name)
        for finding in found.matters(all_of_it=False)
        for name in finding.packages
    }
    assert len(ours) > 100
    assert ours == theirs[0]
    assert fixed == theirs[3]
