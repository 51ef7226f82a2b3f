"""Programs of others read what launches an appliance: virt-v2v, libvirt, pygrub, schemas."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from appliance.backends.boot_loaders.grub import grub_config
from appliance.backends.launchers import find
from appliance.backends.launchers.ovf import Ovf
from launching import shop
from ova_making import good, pack

SCHEMA = "APPLIANCE_OVF_SCHEMA"  # the file dsp8023_1.1.x.xsd, beside those that it imports
PYGRUB = sorted(Path("/usr").glob("lib*/xen*/bin/pygrub"))
# Nothing of libguestfs runs for --print-source, but what it would use is asked for.
V2V = {"LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg", "LC_ALL": "C"}

Asked = Callable[..., subprocess.CompletedProcess[str]]


def run(*words: str | Path, **how: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, **how,  # type: ignore[call-overload]
    )  # fmt: skip


@pytest.fixture(scope="session")
def v2v(open_place: Path) -> Asked:
    """What `virt-v2v -i KIND FILE --print-source` says."""
    if not shutil.which("virt-v2v"):
        pytest.fail("not installed: virt-v2v; `make setup` installs it")

    def ask(kind: str, file: Path) -> subprocess.CompletedProcess[str]:
        return run("virt-v2v", "-i", kind, file, "-o", "null", "--print-source",
                   env={**os.environ, **V2V})  # fmt: skip

    return ask


def said(asked: subprocess.CompletedProcess[str]) -> str:
    """What it printed, with single spaces."""
    assert asked.returncode == 0, asked.stderr
    return "\n".join(" ".join(line.split()) for line in asked.stdout.splitlines())


@pytest.mark.parametrize(
    ("bus", "firmware", "card", "seen"),
    [
        ("", "bios", "", ("[scsi]", "bios", "[vmxnet3]")),
        ("ide", "uefi", "e1000", ("[ide]", "uefi", "[e1000]")),
        ("sata", "bios", "e1000e", ("[sata]", "bios", "[e1000e]")),
    ],
)
def test_virt_v2v_reads_an_ova(
    tmp_path: Path, v2v: Asked, bus: str, firmware: str, card: str, seen: tuple[str, str, str]
) -> None:
    files = good(disk_bus=bus, firmware=firmware, network_card=card, interfaces=2)
    text = said(v2v("ova", pack(tmp_path, files)))
    assert "source name: shop" in text
    assert f"memory: {512 << 20} (bytes)" in text
    assert "nr vCPUs: 2" in text
    assert f"firmware: {seen[1]}" in text
    assert text.count(f'Bridge "VM Network" {seen[2]}') == 2
    assert f"0 {seen[0]}" in text


def test_virt_v2v_checks_our_manifest(tmp_path: Path, v2v: Asked) -> None:
    files = good()
    changed = files["shop-sda.stream.vmdk"][:-1] + b"x"
    asked = v2v("ova", pack(tmp_path, {**files, "shop-sda.stream.vmdk": changed}))
    assert asked.returncode != 0
    assert "checksum" in asked.stderr


@pytest.mark.parametrize("bus", ["", "lsilogic", "sata", "ide", "nvme"])
def test_virt_v2v_reads_a_vmx(tmp_path: Path, v2v: Asked, bus: str) -> None:
    bundle = shop("vmdk", disks=1, disk_bus=bus, firmware="uefi", interfaces=2)
    for disk in bundle.artifacts:
        subprocess.run(["qemu-img", "create", "-q", "-f", "vmdk", disk.path, "1M"],
                       cwd=tmp_path, check=True)  # fmt: skip
    (path,) = (tmp_path / name for name in find("vmx").files(bundle))
    path.write_text(find("vmx").files(bundle)[path.name])
    text = said(v2v("vmx", path))
    assert "source name: Shop 1.2" in text
    assert "firmware: uefi" in text
    assert f"memory: {512 << 20} (bytes)" in text
    assert text.count("[vmxnet3]") == 2
    kinds = {"ide": "ide", "sata": "sata", "nvme": "nvme"}
    assert f"0 [{kinds.get(bus, 'scsi')}]" in text


@pytest.mark.skipif(
    not os.environ.get(SCHEMA), reason=f"the schema of the DMTF is not ours to give: set {SCHEMA}"
)
@pytest.mark.parametrize("bus", ["", "lsilogic", "sata", "ide", "nvme"])
@pytest.mark.parametrize("disks", [1, 4])
def test_the_schema_of_the_dmtf(bus: str, disks: int) -> None:
    schema = etree.XMLSchema(etree.parse(os.environ[SCHEMA], etree.XMLParser(no_network=True)))
    for firmware in ("bios", "uefi"):
        text = Ovf().text(shop("vmdk-stream", disks=disks, disk_bus=bus, firmware=firmware))
        schema.assertValid(etree.fromstring(text.encode()))


@pytest.mark.parametrize("bus", ["", "virtio-scsi", "sata", "ide"])
@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_libvirt_takes_the_domain(tmp_path: Path, bus: str, firmware: str) -> None:
    bundle = shop("qcow2", disk_bus=bus, firmware=firmware, network_card="e1000e" if bus else "",
                  display=not bus, interfaces=2)  # fmt: skip
    path = tmp_path / "shop.xml"
    path.write_text(find("libvirt").files(bundle)["shop.libvirt.xml"])
    done = run("virsh", "-c", "test:///default", "define", "--validate", path)
    assert done.returncode == 0, done.stderr
    assert run("virt-xml-validate", path, "domain").returncode == 0


# What image(5) and its grammar say, in our words: the order, how many, and which letters.
GRAMMAR = """\
<grammar xmlns="http://relaxng.org/ns/structure/1.0"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start>
    <element name="image">
      <element name="name">
        <optional><attribute name="version"><ref name="version"/></attribute></optional>
        <optional><attribute name="release"><ref name="version"/></attribute></optional>
        <data type="string"><param name="pattern">[A-Za-z0-9_.+\\-:/]+</param></data>
      </element>
      <optional><element name="label"><text/></element></optional>
      <optional><element name="description"><text/></element></optional>
      <element name="domain">
        <oneOrMore><ref name="boot"/></oneOrMore>
        <element name="devices">
          <element name="vcpu"><data type="positiveInteger"/></element>
          <element name="memory">
            <data type="unsignedInt"><param name="minInclusive">4000</param></data>
          </element>
          <zeroOrMore><element name="interface"><empty/></element></zeroOrMore>
          <element name="graphics"><empty/></element>
        </element>
      </element>
      <element name="storage"><oneOrMore><ref name="disk"/></oneOrMore></element>
    </element>
  </start>
  <define name="version">
    <data type="string"><param name="pattern">[0-9.]+(-[0-9.]+)?</param></data>
  </define>
  <define name="file">
    <data type="string"><param name="pattern">[A-Za-z0-9_.+\\-:][A-Za-z0-9_.+\\-:/]*</param></data>
  </define>
  <define name="boot">
    <element name="boot">
      <attribute name="type"><choice><value>hvm</value><value>xen</value></choice></attribute>
      <element name="guest">
        <element name="arch"><choice>
          <value>i686</value><value>x86_64</value><value>mips</value><value>sparc</value>
          <value>ppc</value>
        </choice></element>
        <optional><element name="features">
          <interleave>
            <optional><element name="pae"><empty/></element></optional>
            <optional><element name="acpi"><empty/></element></optional>
            <optional><element name="apic"><empty/></element></optional>
          </interleave>
        </element></optional>
      </element>
      <element name="os"><element name="loader"><choice>
        <attribute name="dev"><choice><value>hd</value><value>cdrom</value></choice></attribute>
        <value>pygrub</value>
      </choice></element></element>
      <oneOrMore><element name="drive">
        <attribute name="disk"><ref name="file"/></attribute>
        <optional><attribute name="target">
          <data type="string"><param name="pattern">(hd|xvd|vd|sd)[a-z]</param></data>
        </attribute></optional>
      </element></oneOrMore>
    </element>
  </define>
  <define name="disk">
    <element name="disk">
      <attribute name="file"><ref name="file"/></attribute>
      <attribute name="use"><choice>
        <value>system</value><value>user</value><value>scratch</value>
      </choice></attribute>
      <optional><attribute name="format">
        <choice><value>raw</value><value>iso</value></choice>
      </attribute></optional>
      <optional><element name="checksum">
        <attribute name="type"><choice><value>sha1</value><value>sha256</value></choice></attribute>
        <data type="string"><param name="pattern">[0-9a-f]+</param></data>
      </element></optional>
    </element>
  </define>
</grammar>
"""


@pytest.mark.parametrize("family", ["debian", "fedora"])
@pytest.mark.parametrize("disks", [1, 3])
def test_virt_image_keeps_to_the_grammar(family: str, disks: int) -> None:
    grammar = etree.RelaxNG(etree.fromstring(GRAMMAR))
    bundle = shop("raw", disks=disks, family=family, interfaces=2, disk_bus="ide")
    text = find("virt-image").files(bundle)["shop.xml"]
    grammar.assertValid(etree.fromstring(text))
    wrong = text.replace("<label>", "<lable>").replace("</label>", "</lable>")
    assert not grammar.validate(etree.fromstring(wrong))


def boot_disk(place: Path) -> Path:
    """A disk with a partition, that holds a kernel, an initrd and our menu; root is not needed."""
    tree, disk, part = place / "tree", place / "disk.raw", place / "part.raw"
    (tree / "boot/grub").mkdir(parents=True)
    (tree / "boot/vmlinuz-6.1").write_bytes(b"kernel" * 1000)
    (tree / "boot/initrd.img-6.1").write_bytes(b"initrd" * 1000)
    (tree / "boot/vmlinuz").symlink_to("vmlinuz-6.1")
    (tree / "boot/initrd.img").symlink_to("initrd.img-6.1")
    (tree / "boot/grub/grub.cfg").write_text(
        grub_config(
            root_uuid="1234",
            boot_path="/boot",
            arguments="root=UUID=1234 ro console=hvc0",
            timeout=1,
        )
    )
    for words in (
        ["mke2fs", "-q", "-t", "ext4", "-d", tree, part, "8M"],
        ["truncate", "-s", "12M", disk],
        ["dd", "status=none", f"if={part}", f"of={disk}", "bs=1M", "seek=1", "conv=notrunc"],
    ):
        subprocess.run([str(word) for word in words], check=True)
    subprocess.run(["sfdisk", "-q", disk], input="label: gpt\nstart=2048, size=16384\n", text=True,
                   check=True)  # fmt: skip
    return disk


def test_pygrub_starts_what_our_menu_names(tmp_path: Path) -> None:
    if not PYGRUB:
        pytest.fail("not installed: pygrub (xen-utils); `make setup` installs it")
    disk = boot_disk(tmp_path)
    listed = run(PYGRUB[-1], "-l", disk)
    assert listed.returncode == 0, listed.stderr
    assert "title: Linux\n" in listed.stdout
    assert "args: root=UUID=1234 ro console=hvc0" in listed.stdout

    taken = run(PYGRUB[-1], "-q", "--output-format=simple", f"--output-directory={tmp_path}", disk)
    assert taken.returncode == 0, taken.stderr
    found = dict(line.split(" ", 1) for line in taken.stdout.splitlines() if line)
    assert Path(found["kernel"]).read_bytes() == b"kernel" * 1000
    assert Path(found["ramdisk"]).read_bytes() == b"initrd" * 1000
    assert found["args"] == "root=UUID=1234 ro console=hvc0"
