"""The descriptions, word for word."""

from dataclasses import replace

import pytest

from appliance.backends.launchers import KNOWN, find
from appliance.backends.launchers.virt_image import VirtImage
from appliance.bundle.model import Artifact, Bundle, Machine
from appliance.errors import RequestError

WEB = Bundle(
    name="web",
    version="1.2",
    release="3",
    family="debian",
    family_release="trixie",
    clock=1_700_000_000,
    plan_digest="p" * 64,
    machine=Machine(memory=512 * 1024 * 1024, cpus=2),
    firmware=("bios", "uefi"),
    artifacts=(
        Artifact("sda", "web-sda.qcow2", "qcow2", 1 << 31, "a" * 64),
        Artifact("sdb", "web-sdb.qcow2", "qcow2", 1 << 30, "b" * 64),
    ),
    packages=(),
)
VIRT_IMAGE = f"""\
<image>
  <name version="1.2" release="3">web</name>
  <domain>
    <boot type="hvm">
      <guest>
        <arch>x86_64</arch>
        <features>
          <acpi/>
          <apic/>
        </features>
      </guest>
      <os>
        <loader dev="hd"/>
      </os>
      <drive disk="web-sda.qcow2" target="vda"/>
      <drive disk="web-sdb.qcow2" target="vdb"/>
    </boot>
    <boot type="xen">
      <guest>
        <arch>x86_64</arch>
      </guest>
      <os>
        <loader>pygrub</loader>
      </os>
      <drive disk="web-sda.qcow2" target="xvda"/>
      <drive disk="web-sdb.qcow2" target="xvdb"/>
    </boot>
    <devices>
      <vcpu>2</vcpu>
      <memory>524288</memory>
      <interface/>
      <graphics/>
    </devices>
  </domain>
  <storage>
    <disk file="web-sda.qcow2" use="system" format="qcow2">
      <checksum type="sha256">{"a" * 64}</checksum>
    </disk>
    <disk file="web-sdb.qcow2" use="system" format="qcow2">
      <checksum type="sha256">{"b" * 64}</checksum>
    </disk>
  </storage>
</image>
"""
LIBVIRT_HEAD = """\
<domain type="kvm">
  <!-- Put web-sda.qcow2, web-sdb.qcow2 into the pool default, \
then: virsh define web.libvirt.xml -->
  <name>web</name>
  <memory unit="KiB">524288</memory>
  <vcpu>2</vcpu>
  <os>
    <type arch="x86_64" machine="q35">hvm</type>
    <boot dev="hd"/>
  </os>
"""
UEFI = """\
  <os firmware="efi">
    <type arch="x86_64" machine="q35">hvm</type>
    <firmware>
      <feature enabled="no" name="secure-boot"/>
      <feature enabled="no" name="enrolled-keys"/>
    </firmware>
    <boot dev="hd"/>
  </os>
"""
LIBVIRT_DISK = """\
    <disk type="volume" device="disk">
      <driver name="qemu" type="qcow2" discard="unmap"/>
      <source pool="default" volume="web-sdb.qcow2"/>
      <target dev="vdb" bus="virtio"/>
    </disk>
"""


def test_virt_image() -> None:
    launcher = find("virt-image")
    assert list(launcher.files(WEB)) == ["web.xml"]
    assert launcher.text(WEB) == VIRT_IMAGE


def test_virt_image_for_those_who_always_got_one() -> None:
    disk = Artifact("sda", "web-sda.raw.xz", "raw.xz", 1 << 31, "")
    old = replace(WEB, version="", release="", firmware=(), artifacts=(disk,))
    launcher = VirtImage(always=True)
    assert not launcher.refuses(old)
    text = launcher.text(old)
    assert text.count("<boot ") == 1
    assert "<name>web</name>" in text
    assert '<disk file="web-sda.raw.xz" use="system" format="raw"/>' in text


def test_libvirt() -> None:
    launcher = find("libvirt")
    assert list(launcher.files(WEB)) == ["web.libvirt.xml"]
    assert launcher.text(WEB).startswith(LIBVIRT_HEAD)
    assert LIBVIRT_DISK in launcher.text(WEB)
    assert UEFI in launcher.text(replace(WEB, firmware=("uefi",)))


def test_nothing_of_one_host_is_in_a_domain() -> None:
    text = find("libvirt").text(WEB).replace("/dev/urandom", "")
    assert not [word for word in ("uuid", "<mac", 'file="', '="/', ">/") if word in text]


def test_what_cannot_be_described_is_known_beforehand() -> None:
    image, domain = find("virt-image"), find("libvirt")
    hyper_v = replace(WEB, artifacts=(replace(WEB.artifacts[0], disk_format="vhdx"),))
    uefi = replace(WEB, firmware=("uefi",))
    assert not image.refuses(WEB)
    assert "BIOS" in image.refuses(uefi)
    assert "qcow2" in image.refuses(hyper_v)
    assert not domain.refuses(uefi)
    assert "qcow2" in domain.refuses(hyper_v)


def test_an_unknown_launcher_meets_the_nearest() -> None:
    with pytest.raises(RequestError) as refused:
        find("ovff")
    assert refused.value.hint == "ovf"
    with pytest.raises(RequestError) as refused:
        find("zzz")
    assert refused.value.hint == ", ".join(KNOWN)


@pytest.mark.parametrize("name", ["libvirt", "vmx", "ovf", "xen", "hyper-v"])
def test_an_unknown_architecture_is_refused(name: str) -> None:
    odd = replace(WEB, machine=replace(WEB.machine, architecture="vax"))
    assert "x86_64" in find(name).refuses(odd)
