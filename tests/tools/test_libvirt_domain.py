"""A real libvirt starts what we describe, on every bus: a guest of 512 bytes says that it ran."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_virt_image import PROGRAM, SAYS, content, is_written, until_off

from appliance.backends.launchers import find
from launching import shop, startable
from libvirt_fixtures import PrivateLibvirt


@pytest.fixture
def pool(libvirt: PrivateLibvirt) -> Iterator[Path]:
    """The directory of the pool called default."""
    path = Path(tempfile.mkdtemp(prefix="pool-", dir=libvirt.place))
    path.chmod(0o755)
    libvirt.virsh("pool-create-as", "default", "dir", "--target", path)
    yield path
    libvirt.virsh("pool-destroy", "default")
    shutil.rmtree(path)


@pytest.mark.parametrize(
    ("bus", "disk_format"),
    [("", "raw"), ("", "qcow2"), ("virtio-scsi", "vmdk"), ("sata", "qcow2"), ("ide", "qcow2")],
)
def test_a_guest_runs_from_our_description(
    libvirt: PrivateLibvirt, pool: Path, tmp_path: Path, bus: str, disk_format: str
) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes((PROGRAM + SAYS).ljust(510, b"\0") + b"\x55\xaa" + bytes(1024 * 1024 - 512))
    bundle = shop(disk_format, disk_bus=bus, memory=64 * 1024 * 1024, network_card="e1000")
    for disk in bundle.artifacts:
        subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", disk_format, raw,
                        pool / disk.path], check=True)  # fmt: skip
    log, written = pool / "serial", pool / "domain.xml"
    text = find("libvirt").files(bundle)["shop.libvirt.xml"]
    written.write_bytes(startable(text, type="file", path=str(log)))
    libvirt.give(pool)

    libvirt.virsh("pool-refresh", "default")
    libvirt.virsh("define", "--validate", written)
    libvirt.virsh("start", "shop")
    until_off(libvirt, "shop")

    assert b"written" in log.read_bytes()
    first, second = (pool / disk.path for disk in bundle.artifacts)
    assert is_written(content(first, tmp_path / "first"))
    assert not is_written(content(second, tmp_path / "second"))
    libvirt.virsh("undefine", "shop")
