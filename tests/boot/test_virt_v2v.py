"""virt-v2v imports a whole OVA of ours: it opens the guest, converts it to KVM, and it boots."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree
from tests.boot.conftest import PASSWORD, REPOSITORY, appliance

import waiting

# What virt-v2v wants to find in a guest; the AOS has none of it.
KICKSTART = """\
%include {aos}
%packages
grub2-common
%end
"""
LIBGUESTFS = {"LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg"}
SECONDS = 2400


@pytest.mark.slow
def test_virt_v2v_converts_an_ova_to_kvm(tmp_path: Path) -> None:
    lacking = [name for name in ("virt-v2v", "nbdkit", "nbdcopy") if not shutil.which(name)]
    kernel = [] if list(Path("/boot").glob("vmlinuz*")) else ["a kernel in /boot, for libguestfs"]
    if lacking or kernel:
        pytest.skip(f"not installed: {', '.join(lacking + kernel)}")
    recipe, result = tmp_path / "web.ks", tmp_path / "result"
    recipe.write_text(KICKSTART.format(aos=REPOSITORY / "kickstarts/aos-debian.ks"))
    result.mkdir()
    built = appliance("build", recipe, "--bundle", "ova", "--root-password", PASSWORD,
                      "--store", tmp_path / "store", "-o", tmp_path)  # fmt: skip
    waiting.well(built)
    assert appliance("lint", tmp_path / "web.ova").returncode == 0

    done = subprocess.run(
        ["virt-v2v", "-i", "ova", tmp_path / "web.ova", "-o", "local", "-of", "qcow2",
         "-os", result], env={**os.environ, **LIBGUESTFS}, capture_output=True, text=True,
        check=False, timeout=SECONDS, stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    domain = etree.fromstring((result / "web.xml").read_bytes())
    target = domain.find("devices/disk/target")
    model = domain.find("devices/interface/model")
    assert target is not None and model is not None
    assert (target.get("bus"), model.get("type")) == ("virtio", "virtio")
    disk = (result / "web-sda").rename(result / "web-sda.qcow2")
    tested = appliance("test", disk, "--login", f"root:{PASSWORD}", "--firmware", "bios",
                       "--output", tmp_path / "report")  # fmt: skip
    waiting.well(tested)
