"""OVF and VMX, key by key."""

import hashlib
from dataclasses import replace

import pytest
from lxml import etree

from appliance.backends.launchers import find, vmware
from appliance.backends.launchers.ovf import OVF, RASD, VMW, VSSD
from appliance.backends.launchers.vmx import guest_os, quoted
from appliance.bundle.model import Bundle, Product
from launching import shop

NAMESPACES = {"ovf": OVF, "rasd": RASD, "vssd": VSSD, "vmw": VMW}


def ovf(bundle: Bundle) -> etree._Element:
    return etree.fromstring(find("ovf").files(bundle)[f"{bundle.name}.ovf"].encode())


def items(envelope: etree._Element, resource: int) -> list[dict[str, str]]:
    found = []
    for item in envelope.iterfind(".//ovf:Item", NAMESPACES):
        said = {str(etree.QName(each).localname): each.text or "" for each in item}
        if said["ResourceType"] == str(resource):
            found.append(said)
    return found


def settings(envelope: etree._Element) -> dict[str | None, str | None]:
    every = envelope.findall(".//vmw:Config", NAMESPACES)
    assert {each.get(f"{{{OVF}}}required") for each in every} == {"false"}
    return {each.get(f"{{{VMW}}}key"): each.get(f"{{{VMW}}}value") for each in every}


def vmx(bundle: Bundle) -> dict[str, str]:
    lines = find("vmx").files(bundle)["shop.vmx"].splitlines()
    return dict(line.split(" = ", 1) for line in lines)


def test_the_manifest_has_the_exact_spelling_and_the_ovf_first() -> None:
    files = find("ovf").files(shop("vmdk-stream"))
    assert list(files) == ["shop.ovf", "shop.mf"]
    digest = hashlib.sha256(files["shop.ovf"].encode()).hexdigest()
    assert files["shop.mf"] == (
        f"SHA256(shop.ovf)= {digest}\n"
        f"SHA256(shop-sda.stream.vmdk)= {'0' * 64}\n"
        f"SHA256(shop-sdb.stream.vmdk)= {'1' * 64}\n"
    )


def test_disks_have_their_sizes_in_bytes_and_hang_on_pvscsi() -> None:
    envelope = ovf(shop("vmdk-stream"))
    files = envelope.findall(".//ovf:File", NAMESPACES)
    assert [file.get(f"{{{OVF}}}size") for file in files] == ["1000", "1001"]
    disk = envelope.findall(".//ovf:Disk", NAMESPACES)[1]
    assert disk.get(f"{{{OVF}}}capacity") == str(2 << 30)
    assert disk.get(f"{{{OVF}}}capacityAllocationUnits") == "byte"
    assert str(disk.get(f"{{{OVF}}}format")).endswith("vmdk.html#streamOptimized")
    (controller,) = items(envelope, 6)
    assert controller["ResourceSubType"] == "VirtualSCSI"
    assert [(disk["Parent"], disk["AddressOnParent"]) for disk in items(envelope, 17)] == [
        (controller["InstanceID"], "0"),
        (controller["InstanceID"], "1"),
    ]


def test_seven_is_the_controller_itself() -> None:
    envelope = ovf(shop("vmdk-stream", disks=17))
    assert len(items(envelope, 6)) == 2
    places = [int(disk["AddressOnParent"]) for disk in items(envelope, 17)]
    assert places == [*range(7), *range(8, 16), 0, 1]


@pytest.mark.parametrize(
    ("bus", "resource", "subtype"),
    [
        ("lsilogic", 6, "lsilogic"),
        ("sata", 20, "vmware.sata.ahci"),
        ("nvme", 20, "vmware.nvme.controller"),
        ("ide", 5, ""),
        ("virtio", 6, "VirtualSCSI"),
    ],
)
def test_the_machine_says_the_bus(bus: str, resource: int, subtype: str) -> None:
    controller = items(ovf(shop("vmdk-stream", disk_bus=bus, product=Product())), resource)[0]
    assert controller.get("ResourceSubType", "") == subtype


def test_a_bus_without_a_driver_is_not_chosen_but_obeyed() -> None:
    lacks = ("pvscsi", "vmxnet3")
    other = shop("vmdk-stream", lacks=lacks)
    assert items(ovf(other), 6)[0]["ResourceSubType"] == "lsilogic"
    assert items(ovf(other), 10)[0]["ResourceSubType"] == "E1000e"
    assert find("ovf").leaves_out(other) == ()
    named = shop("vmdk-stream", lacks=lacks, disk_bus="pvscsi")
    assert items(ovf(named), 6)[0]["ResourceSubType"] == "VirtualSCSI"
    assert find("ovf").leaves_out(named) == (
        "ovf names a disk on pvscsi, for which this kernel has no driver: "
        "install linux-image-amd64",
    )


def test_a_bus_that_was_not_named_is_one_of_virtualbox_too() -> None:
    assert find("ovf").leaves_out(shop("vmdk-stream")) == ()
    for lacks, bus in ((("lsilogic",), 20), (("lsilogic", "sata"), 5)):
        other = shop("vmdk-stream", lacks=lacks)
        assert items(ovf(other), bus)
        assert not items(ovf(other), 6)
        assert find("ovf").leaves_out(other) == ()
        assert (
            'scsi0.virtualDev = "pvscsi"'
            in find("vmx").files(shop("vmdk", lacks=lacks))["shop.vmx"]
        )  # Workstation has all of them


def test_what_virtualbox_makes_of_hardware_is_told_with_what_helps() -> None:
    lacks = ("lsilogic", "e1000")
    named = shop("vmdk-stream", lacks=lacks, disk_bus="pvscsi")
    disks, cards = find("ovf").leaves_out(named)
    assert disks == (
        "in VirtualBox, which has no pvscsi, the disks of this OVF are lsilogic, for which this "
        "kernel has no driver: --disk-bus sata, or install linux-image-amd64"
    )
    assert cards == (
        "in VirtualBox, which has no vmxnet3, the network cards of this OVF are e1000, for which "
        "this kernel has no driver: install linux-image-amd64"
    )
    for bus in ("sata", "ide"):
        assert find("ovf").leaves_out(
            replace(named, machine=replace(named.machine, disk_bus=bus))
        ) == (cards,)


def test_an_ovf_says_what_its_kernel_does_not_drive() -> None:
    text = find("ovf").files(shop("vmdk-stream", lacks=("lsilogic", "e1000")))["shop.ovf"]
    assert "<!-- This kernel has no drivers for: lsilogic, e1000 -->" in text
    assert "no drivers" not in find("ovf").files(shop("vmdk-stream"))["shop.ovf"]


def test_uefi_needs_newer_hardware() -> None:
    old, new = ovf(shop("vmdk-stream")), ovf(shop("vmdk-stream", firmware="uefi"))
    assert old.findtext(".//vssd:VirtualSystemType", "", NAMESPACES) == "vmx-13"
    assert new.findtext(".//vssd:VirtualSystemType", "", NAMESPACES) == "vmx-14"
    assert (settings(old)["firmware"], settings(new)["firmware"]) == ("bios", "efi")


@pytest.mark.parametrize(
    ("family", "said", "expected"),
    [
        ("debian", "", "debian10_64Guest"),
        ("fedora", "", "fedora64Guest"),
        ("rocky", "", "centos7_64Guest"),
        ("someone", "", "otherLinux64Guest"),
        ("debian", "debian12_64Guest", "debian12_64Guest"),
    ],
)
def test_all_hosts_of_that_hardware_know_the_system(family: str, said: str, expected: str) -> None:
    bundle = shop("vmdk-stream", family=family, os_type=said)
    section = ovf(bundle).find(".//ovf:OperatingSystemSection", NAMESPACES)
    assert section is not None
    assert section.get(f"{{{VMW}}}osType") == expected
    assert any("do not know" in line for line in vmware.leaves_out(bundle, "ovf")) == bool(said)


def test_properties_are_asked_and_may_stay_unanswered() -> None:
    envelope = ovf(shop("vmdk-stream"))
    hardware = envelope.find(".//ovf:VirtualHardwareSection", NAMESPACES)
    assert hardware is not None
    assert hardware.get(f"{{{OVF}}}transport") == "com.vmware.guestInfo iso"
    assert len(items(envelope, 15)) == 1
    found = {
        str(each.get(f"{{{OVF}}}key")): {
            str(etree.QName(name).localname): value for name, value in each.items()
        }
        for each in envelope.iterfind(".//ovf:Property", NAMESPACES)
    }
    assert {each["userConfigurable"] for each in found.values()} == {"true"}
    assert found["hostname"]["value"] == "shop"
    assert found["password"]["password"] == "true"
    assert found["workers"]["type"] == "sint32" and "value" not in found["workers"]
    assert found["debug"]["type"] == "boolean"
    without = ovf(shop("vmdk-stream", product=Product()))
    assert not items(without, 15)
    assert b"transport" not in etree.tostring(without)


def test_the_product_the_licence_and_the_ports_are_told() -> None:
    envelope = ovf(shop("vmdk-stream"))
    section = envelope.find(".//ovf:ProductSection", NAMESPACES)
    assert section is not None
    words = {str(etree.QName(each).localname): each.text for each in section}
    assert words["Vendor"] == "ACME & Söhne"
    assert (words["Version"], words["FullVersion"]) == ("1.2", "1.2-3")
    assert envelope.findtext(".//ovf:License", "", NAMESPACES).startswith("You may.")
    annotation = envelope.findtext(".//ovf:Annotation", "", NAMESPACES)
    assert 'Sells "things" <cheap>' in annotation
    assert "Ports: 443/tcp (https), 53/udp" in annotation


def test_what_xml_cannot_say_is_not_said() -> None:
    odd = replace(shop("vmdk-stream").product, description="a\x00b\ufffec\ud800d\r\ne")
    annotation = ovf(shop("vmdk-stream", product=odd)).findtext(".//ovf:Annotation", "", NAMESPACES)
    assert annotation.startswith("abcd\ne\n")


def test_what_vmware_cannot_have_is_refused() -> None:
    launcher = find("ovf")
    assert "vmdk-stream" in launcher.refuses(shop("qcow2"))
    assert "x86_64" in launcher.refuses(shop("vmdk-stream", architecture="aarch64"))
    assert "4 disks on ide" in launcher.refuses(shop("vmdk-stream", disks=5, disk_bus="ide"))
    assert "'my shop'" in launcher.refuses(shop("vmdk-stream", name="my shop"))
    assert not launcher.refuses(shop("vmdk-stream"))


def test_vmx() -> None:
    said = vmx(shop("vmdk"))
    assert said["virtualHW.version"] == '"13"'
    assert said["memsize"] == '"512"'
    assert said["guestOS"] == '"debian10-64"'
    assert said["scsi0.virtualDev"] == '"pvscsi"'
    assert said["scsi0:1.fileName"] == '"shop-sdb.vmdk"'
    assert said["ethernet0.virtualDev"] == '"vmxnet3"'
    assert said["displayName"] == '"Shop 1.2"'
    assert said["annotation"].startswith('"Sells |22things|22 <cheap>|0Aand more.|0A')
    assert vmx(shop("vmdk", disk_bus="nvme"))["nvme0:0.fileName"] == '"shop-sda.vmdk"'
    assert vmx(shop("vmdk", firmware="uefi"))["firmware"] == '"efi"'


def test_memory_comes_in_fours() -> None:
    odd = shop("vmdk", "vmdk-stream", memory=513 * 1024 * 1024)
    assert vmx(odd)["memsize"] == '"516"'
    assert items(ovf(odd), 4)[0]["VirtualQuantity"] == "516"


def test_vmx_says_what_it_leaves_out() -> None:
    left = find("vmx").leaves_out(shop("vmdk", disk_bus="virtio", display=False))
    assert left == (
        "vmx has no virtio: it gets pvscsi",
        "vmx always has a screen",
        "vmx has no word for the properties (hostname, password, workers, debug)",
        "vmx has no word for the licence",
    )


def test_words_of_vmx() -> None:
    assert guest_os("otherLinux64Guest") == "otherlinux-64"
    assert guest_os("other4xLinux64Guest") == "other4xlinux-64"
    assert guest_os("rhel9_64Guest") == "rhel9-64"
    assert quoted('a|b"c\nd') == '"a|7Cb|22c|0Ad"'
