"""An OVA, converted to an OVA: nothing that OVF can say is lost on the way."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends.bundle_formats import ova
from appliance.backends.bundle_formats.model import Packing
from appliance.backends.launchers.ovf import Ovf
from appliance.bundle import manifest
from appliance.bundle.model import Artifact, Bundle, Machine, Product, Property
from appliance.host import trees
from appliance.intake.received import received
from appliance.units import GIB
from launching import SHOP, shop
from ova_making import raw_disk, vmdk


def made(place: Path, bundle: Bundle, *, disks: int) -> Path:
    """An OVA of *bundle*, with disks that hold something."""
    artifacts, files = [], {}
    for number, disk in enumerate(("sda", "sdb")[:disks]):
        path = place / f"{bundle.name}-{disk}.stream.vmdk"
        raw = raw_disk(8 + number)
        path.write_bytes(vmdk(raw))
        digest, size = trees.sha256(path), path.stat().st_size
        artifacts.append(Artifact(disk, path.name, "vmdk-stream", len(raw), digest, size))
        files[path.name] = path
    bundle = replace(bundle, artifacts=tuple(artifacts))
    target = place / f"{bundle.name}.ova"
    kind = ova.Ova()
    kind.write(target, kind.members(bundle, files), Packing(0))
    return target


def convert(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "appliance", "convert", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def descriptor(archive: Path) -> str:
    words = ["tar", "-xOf", archive, archive.with_suffix(".ovf").name]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


BUNDLES = {
    "everything": shop(
        memory=3 * GIB, cpus=3, interfaces=2, firmware="uefi", disk_bus="sata",
        network_card="e1000e", os_type="ubuntu64Guest",
    ),
    "nothing": replace(shop(), version="", release="", product=Product()),
    "a name alone": shop(product=Product(name="Laden")),
    "ports alone": shop(product=Product(ports=SHOP.ports)),
    "an address alone": shop(product=Product(url="https://x.example/")),
    "words that look like ports": shop(product=Product(description="Ports: 80/tcp, and more")),
    "a release of its own": replace(shop(), version="1-2", release="3-4"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "disks"), [("everything", 2), *((name, 1) for name in BUNDLES)])
def test_an_ova_of_an_ova_says_the_same(tmp_path: Path, name: str, disks: int) -> None:
    first = made(tmp_path, BUNDLES[name], disks=disks)
    for turn in ("one", "two"):
        ended = convert(
            first, "--bundle", "ova", "-o", tmp_path / turn, "--store", tmp_path / "store"
        )
        assert ended.returncode == 0, ended.stderr
    second, third = tmp_path / "one/shop.ova", tmp_path / "two/shop.ova"
    assert second.read_bytes() == third.read_bytes()
    lines = [descriptor(each).splitlines() for each in (first, second)]
    packed = ("<File ", "<Disk ")  # by another program at first
    told = [[line for line in each if not line.strip().startswith(packed)] for each in lines]
    assert told[0] == told[1]


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    bundle = BUNDLES["everything"]
    path = made(tmp_path, bundle, disks=2)
    subprocess.run(["tar", "-xf", path], cwd=tmp_path, check=True)
    found = received(tmp_path / "shop.ovf")
    assert found.said.product == replace(SHOP, version="")
    assert (found.said.version, found.said.release, found.said.unsaid) == ("1.2", "3", ())
    assert found.image.machine == replace(bundle.machine, display=True)
    assert [disk.name for disk in found.image.disks] == ["sda", "sdb"]


def test_properties_of_others_are_asked_for_as_the_guest_knows_them(tmp_path: Path) -> None:
    path = made(tmp_path, shop(product=SHOP), disks=1)
    subprocess.run(["tar", "-xf", path], cwd=tmp_path, check=True)
    text = (tmp_path / "shop.ovf").read_text()
    text = text.replace(
        '<ProductSection ovf:required="false">', '<ProductSection ovf:class="com.x">'
    )
    text = text.replace('ovf:key="workers" ovf:type="sint32"', 'ovf:key="workers" ovf:type="uint8"')
    text = text.replace('ovf:key="debug"', 'ovf:key="no key"')
    (tmp_path / "shop.ovf").write_text(text)
    (tmp_path / "shop.mf").unlink()
    (tmp_path / "shop.ova").unlink()

    said = received(tmp_path / "shop.ovf").said

    assert said.product.properties[0] == Property(
        "com.x.hostname", "Host name", "What it is called", default="shop"
    )
    assert [each.kind for each in said.product.properties] == ["string", "password", "int"]
    assert [each.partition(":")[0] for each in said.unsaid] == [
        "the property 'com.x.no key' is left out"
    ]
    ended = convert(tmp_path / "shop.ovf", "-f", "raw", "-o", tmp_path / "out")
    assert ended.returncode == 0, ended.stderr
    assert "the property 'com.x.no key' is left out" in ended.stderr
    again = manifest.read(tmp_path / "out/shop/shop.appliance.json")
    assert again.product.properties == said.product.properties
    assert again.machine.memory == shop().machine.memory != Machine().memory
    assert "com.x.workers" in Ovf().text(again)
