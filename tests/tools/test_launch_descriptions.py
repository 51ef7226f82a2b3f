"""libvirt itself reads the domain; sha256sum itself reads the sums."""

import hashlib
import shutil
from pathlib import Path

import pytest

from appliance.backends.launchers import find
from appliance.bundle.manifest import sums_text
from appliance.bundle.model import Artifact, Bundle, Machine
from appliance.host import command

VIRSH = pytest.mark.skipif(not shutil.which("virsh"), reason="libvirt-clients is not installed")
DISK = Artifact("sda", "web.qcow2", "qcow2", 1 << 30, "a" * 64)


@VIRSH
@pytest.mark.parametrize("firmware", [("bios", "uefi"), ("uefi",)])
def test_libvirt_accepts_the_domain(tmp_path: Path, firmware: tuple[str, ...]) -> None:
    machine = Machine(cpus=2, interfaces=2)
    bundle = Bundle(
        "web", "1", "1", "debian", "trixie", 0, "p", machine, firmware, (DISK, DISK), ()
    )
    path = tmp_path / "web.libvirt.xml"
    path.write_text(find("libvirt").text(bundle))

    said = command.run(["virsh", "-c", "test:///default", "define", "--validate", path])

    assert "Domain 'web' defined" in said


def test_sha256sum_checks_the_sums(tmp_path: Path) -> None:
    (tmp_path / "web.xml").write_text("<image/>\n")
    sha256 = hashlib.sha256(b"<image/>\n").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(sums_text({"web.xml": sha256}))

    said = command.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], directory=tmp_path)

    assert said == "web.xml: OK\n"
