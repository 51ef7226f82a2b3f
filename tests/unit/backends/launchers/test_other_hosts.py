"""Xen, Hyper-V, Vagrant, and the buses and cards of libvirt and virt-image."""

import ast
import json

import pytest
from lxml import etree

from appliance.backends.launchers import find, vagrant
from appliance.bundle.model import Bundle, Product
from launching import shop


def xl(text: str) -> dict[str, object]:
    """What xl reads: its files are, so far, lines of Python (xl.cfg(5))."""
    lines = [line.split("=", 1) for line in text.splitlines() if not line.startswith("#")]
    return {key.strip(): ast.literal_eval(value.strip()) for key, value in lines}


def test_xen_has_three_ways_to_start() -> None:
    files = find("xen").files(shop("raw"))
    assert list(files) == ["shop.hvm.cfg", "shop.pvh.cfg", "shop.pv.cfg"]
    hvm, pvh, pv = (xl(text) for text in files.values())
    assert [each["type"] for each in (hvm, pvh, pv)] == ["hvm", "pvh", "pv"]
    assert pv["bootloader"] == "pygrub"
    assert str(pvh["kernel"]).endswith("i386-xen_pvh.bin")
    assert hvm["disk"] == [
        "format=raw,vdev=xvda,access=rw,target=shop-sda.raw",
        "format=raw,vdev=xvdb,access=rw,target=shop-sdb.raw",
    ]
    assert (hvm["memory"], hvm["vcpus"], hvm["vif"]) == (512, 2, ["bridge=xenbr0"])
    assert hvm["vnc"] == 1


def test_xen_says_only_what_can_start() -> None:
    fedora = find("xen").files(shop("qcow2", family="fedora", display=False))
    assert list(fedora) == ["shop.hvm.cfg"]
    assert xl(fedora["shop.hvm.cfg"])["vnc"] == 0
    left = find("xen").leaves_out(shop("qcow2", family="fedora", product=Product()))
    assert left == ("xen starts it as HVM only: no GRUB menu that pygrub or PVH can read",)
    uefi = find("xen").files(shop("qcow2", firmware=("uefi",)))
    assert xl(uefi["shop.hvm.cfg"])["firmware"] == "ovmf"
    assert "raw" in find("xen").refuses(shop("vmdk"))
    assert "'my shop'" in find("xen").refuses(shop("raw", name="my shop"))


def test_hyper_v_follows_the_firmware() -> None:
    old = find("hyper-v").files(shop("vhd"))["shop.hyper-v.ps1"]
    assert "-Generation 1" in old
    assert "SecureBoot" not in old
    new = find("hyper-v").files(shop("vhd", "vhdx", firmware="uefi"))["shop.hyper-v.ps1"]
    assert "-Generation 2 -MemoryStartupBytes 512MB" in new
    assert "-EnableSecureBoot Off" in new
    assert "Add-VMHardDiskDrive -VMName $Name -Path (Join-Path $Place 'shop-sdb.vhdx')" in new
    assert "Set-VMProcessor -VMName $Name -Count 2" in new
    assert "vhdx" in find("hyper-v").refuses(shop("vhd", firmware="uefi"))
    assert "4 disks" in find("hyper-v").refuses(shop("vhd", disks=5))


def test_no_text_ends_a_quotation_in_powershell() -> None:
    wild = Product(name="A'; Remove-Item C: \u2018x\u2019", description="Ò $(evil)")
    text = find("hyper-v").files(shop("vhdx", product=wild))["shop.hyper-v.ps1"]
    assert text.startswith("\ufeff")
    assert "-Notes 'A''; Remove-Item C: \u2018\u2018x\u2019\u2019 1.2\n\nÒ $(evil)'" in text
    plain = find("hyper-v").files(shop("vhdx", product=Product()))["shop.hyper-v.ps1"]
    assert plain.startswith("# Makes")


def test_a_box_for_libvirt() -> None:
    box = vagrant.libvirt_box(shop("qcow2", disks=1, disk_bus="sata"))
    says = json.loads(box["metadata.json"])
    assert says == {"provider": "libvirt", "format": "qcow2", "virtual_size": 1}
    assert "libvirt.disk_bus = 'sata'" in box["Vagrantfile"]
    assert "guest: 443, host: 8443, protocol: 'tcp', auto_correct: true" in box["Vagrantfile"]
    assert list(vagrant.libvirt_disks(shop("qcow2", disks=1))) == ["box.img"]
    two = json.loads(vagrant.libvirt_box(shop("qcow2"))["metadata.json"])
    assert [disk["path"] for disk in two["disks"]] == list(vagrant.libvirt_disks(shop("qcow2")))
    assert "UEFI" in vagrant.libvirt_refuses(shop("qcow2", firmware=("uefi",)))
    assert vagrant.libvirt_refuses(shop("raw"))
    assert not vagrant.libvirt_refuses(shop("qcow2"))


def test_a_box_for_virtualbox_has_what_virtualbox_has() -> None:
    bundle = shop("vmdk-stream", lacks=("sata", "e1000", "lsilogic"))
    box = vagrant.virtualbox_box(bundle)
    assert list(box) == ["metadata.json", "Vagrantfile", "box.ovf"]
    assert json.loads(box["metadata.json"]) == {"provider": "virtualbox"}
    assert "<rasd:ResourceType>5<" in box["box.ovf"]
    assert "VirtualSCSI" not in box["box.ovf"]
    assert "default_nic_type = 'virtio'" in box["Vagrantfile"]
    assert "config.vm.base_mac = '080027ABCDEF'" in box["Vagrantfile"]
    assert list(vagrant.virtualbox_disks(bundle)) == [
        "shop-sda.stream.vmdk",
        "shop-sdb.stream.vmdk",
    ]
    named = shop("vmdk-stream", lacks=("sata",), disk_bus="sata", product=Product())
    assert vagrant.leaves_out(named, "virtualbox") == (
        "the box for virtualbox names a disk on sata, for which this kernel has no driver: "
        "install linux-image-amd64",
    )


@pytest.mark.parametrize(
    ("bus", "expected"),
    [
        ("", ("vda", "virtio")),
        ("virtio-scsi", ("sda", "scsi")),
        ("sata", ("sda", "sata")),
        ("ide", ("hda", "ide")),
        ("nvme", ("vda", "virtio")),
    ],
)
def test_libvirt_obeys_the_bus(bus: str, expected: tuple[str, str]) -> None:
    bundle = shop("qcow2", disk_bus=bus, network_card="e1000", product=Product())
    domain = etree.fromstring(find("libvirt").files(bundle)["shop.libvirt.xml"])
    target = domain.find("devices/disk/target")
    assert target is not None
    assert (target.get("dev"), target.get("bus")) == expected
    model = domain.find("devices/interface/model")
    assert model is not None and model.get("type") == "e1000"
    left = find("libvirt").leaves_out(bundle)
    assert left == (("libvirt has no nvme: it gets virtio",) if bus == "nvme" else ())


def test_libvirt_without_a_display_and_with_words() -> None:
    domain = etree.fromstring(find("libvirt").files(shop("raw", display=False))["shop.libvirt.xml"])
    assert domain.find("devices/graphics") is None
    assert domain.findtext("title") == "Shop 1.2"
    assert "Ports: 443/tcp" in domain.findtext("description", "")


def targets(bundle: Bundle) -> list[str | None]:
    image = etree.fromstring(find("virt-image").files(bundle)["shop.xml"])
    return [drive.get("target") for drive in image.iterfind("domain/boot/drive")]


def test_virt_image_has_full_virtualization_first() -> None:
    image = etree.fromstring(find("virt-image").files(shop("raw"))["shop.xml"])
    assert [boot.get("type") for boot in image.iterfind("domain/boot")] == ["hvm", "xen"]
    assert [child.tag for child in image][:3] == ["name", "label", "description"]
    assert targets(shop("raw", disks=1)) == ["vda", "xvda"]
    assert targets(shop("raw", disks=1, disk_bus="ide")) == ["hda", "xvda"]
    assert targets(shop("raw.xz", disks=1)) == ["vda"]
    assert targets(shop("vmdk", disks=1)) == ["vda"]
    assert targets(shop("raw", disks=1, family="fedora")) == ["vda"]
