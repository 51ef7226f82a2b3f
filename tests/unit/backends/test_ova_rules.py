"""Each rule has an OVA that breaks it; a good one breaks none."""

import gzip
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.backends.ova_rules import ERROR, RULES, WARNING, Finding, lint
from appliance.errors import RequestError
from ova_making import DISK, bundle, edited, good, member, pack, raw_disk, summed, vmdk

Broken = Callable[[Path], Path]


def told(findings: list[Finding]) -> str:
    return "\n".join(f"{each.rule}: {each.place}" for each in findings)


def with_disk(**how: object) -> Broken:
    """An OVA whose disk is broken so, and all else right."""
    return lambda place: pack(place, good(vmdk(raw_disk(), **how)))  # type: ignore[arg-type]


def with_text(*pairs: tuple[str, str]) -> Broken:
    """An OVA whose description says something else."""
    return lambda place: pack(place, edited(good(), *pairs))


def with_manifest(change: Callable[[str], str]) -> Broken:
    def make(place: Path) -> Path:
        files = good()
        return pack(place, {**files, "shop.mf": change(files["shop.mf"].decode()).encode()})

    return make


def in_order(*numbers: int) -> Broken:
    def make(place: Path) -> Path:
        files = list(good().items())
        return pack(place, dict(files[number] for number in numbers))

    return make


def with_member(*more: tuple[tarfile.TarInfo, bytes]) -> Broken:
    return lambda place: pack(place, good(), *more)


def packed(place: Path) -> Path:
    path = pack(place, good())
    path.write_bytes(gzip.compress(path.read_bytes()))
    return path


def cut(place: Path) -> Path:
    path = pack(place, good())
    path.write_bytes(path.read_bytes()[: -len(DISK) - 512])
    return path


def renamed(old: str, new: str) -> Broken:
    return lambda place: pack(
        place, summed({new if name == old else name: data for name, data in good().items()})
    )


def cut_disk(place: Path) -> Path:
    return pack(place, good(DISK[:-768]))


def with_certificate(text: str) -> Broken:
    def make(place: Path) -> Path:
        files = good()
        ovf, manifest, disk = files.items()
        return pack(place, dict((ovf, manifest, ("shop.cert", text.encode()), disk)))

    return make


ITEM = "<rasd:ElementName>Hard disk 1</rasd:ElementName>"
PROPERTY = 'ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true" ovf:value="shop"'
BROKEN: dict[str, Broken] = {
    "packed": packed,
    "tar": cut,
    "ovf-first": in_order(1, 0, 2),
    "one-ovf": with_member(member("other.ovf", b"<a/>")),
    "order": lambda place: pack(
        place, {name: good().get(name, b"") for name in
                ("shop.ovf", "shop.cert", "shop.mf", "shop-sda.stream.vmdk")}
    ),
    "dot-prefix": lambda place: pack(place, {f"./{n}": data for n, data in good().items()}),
    "paths": renamed("shop-sda.stream.vmdk", "../shop-sda.stream.vmdk"),
    "links": with_member(member("a.vmdk", type=tarfile.SYMTYPE, linkname="/etc/passwd")),
    "headers": lambda place: pack(
        place, {**good(), "n" * 120 + ".txt": b"long"}, form=tarfile.PAX_FORMAT
    ),
    "ustar": lambda place: pack(place, good(), form=tarfile.GNU_FORMAT),
    "twice": with_member(member("shop.mf", b"")),
    "names": renamed("shop-sda.stream.vmdk", "my shop.vmdk"),
    "unreferenced": with_member(member("README", b"hello")),
    "manifest": in_order(0, 2),
    "manifest-name": renamed("shop.mf", "other.mf"),
    "manifest-spelling": with_manifest(lambda text: text.replace("SHA256(", "SHA256 (")),
    "manifest-algorithm": lambda place: pack(place, summed(good(), "SHA1")),
    "manifest-sha512": lambda place: pack(place, summed(good(), "SHA512")),
    "manifest-missing": with_manifest(lambda text: text.splitlines(keepends=True)[0]),
    "manifest-stranger": with_manifest(lambda text: f"{text}SHA256(gone)= {'0' * 64}\n"),
    "manifest-sum": with_manifest(lambda text: f"{text[:-3]}00\n"),
    "certificate": with_certificate(f"SHA256(shop.ovf)= {'0' * 64}\n"),
    "xml": with_text(("</Envelope>", "")),
    "envelope": with_text(("envelope/1", "envelope/9")),
    "ovf-2": with_text(("<rasd:ResourceType>3<", "<StorageItem/><rasd:ResourceType>3<")),
    "sections": with_text(
        ("  <VirtualSystem ", "  <StartupSection><Info/></StartupSection>\n  <VirtualSystem ")
    ),
    "one-system": with_text(("</Envelope>", '<VirtualSystem ovf:id="b"><Info/></VirtualSystem>'
                             "</Envelope>")),
    "file-missing": in_order(0, 1),
    "file-size": with_text((f'ovf:size="{len(DISK)}"', f'ovf:size="{len(raw_disk())}"')),
    "file-packed": with_text(("<File ", '<File ovf:compression="gzip" ')),
    "disk-file": with_text(('fileRef="file1"', 'fileRef="file7"')),
    "disk-format": with_text(("vmdk.html#streamOptimized", "vmdk.html#")),
    "capacity": with_text((f'capacity="{len(raw_disk())}"', 'capacity="2097152"')),
    "network": with_text(("<rasd:Connection>VM Network<", "<rasd:Connection>bridged<")),
    "extra-config": with_text(
        ("</VirtualHardwareSection>",
         '<vmw:ExtraConfig vmw:key="vhv.enable" vmw:value="1"/></VirtualHardwareSection>')
    ),
    "config": with_text(('<vmw:Config ovf:required="false"', "<vmw:Config")),
    "property-fixed": with_text(('userConfigurable="true"', 'userConfigurable="false"')),
    "property-required": with_text(
        (PROPERTY, PROPERTY.replace('ovf:value="shop"', 'ovf:qualifiers="MinLen(1)"'))
    ),
    "transport": with_text((' ovf:transport="com.vmware.guestInfo iso"', "")),
    "hardware-family": with_text(("vmx-13", "virtualbox-2.2")),
    "hardware-newer": with_text(("vmx-13", "vmx-19")),
    "hardware-older": with_text(("vmx-13", "vmx-10")),
    "efi-hardware": with_text(("vmx-13", "vmx-11"), ('vmw:value="bios"', 'vmw:value="efi"')),
    "ide-subtype": with_text(
        ("<rasd:ResourceType>5<",
         "<rasd:ResourceSubType>PIIX4</rasd:ResourceSubType><rasd:ResourceType>5<")
    ),
    "subtype": with_text(("VirtualSCSI", "virtio-scsi")),
    "item-number": with_text(("<rasd:InstanceID>2<", "<rasd:InstanceID>1<")),
    "drive-parent": with_text(("<rasd:Parent>3<", "<rasd:Parent>1<")),
    "drive-place": with_text(
        (f"<rasd:AddressOnParent>0</rasd:AddressOnParent>\n        {ITEM}",
         f"<rasd:AddressOnParent>7</rasd:AddressOnParent>\n        {ITEM}")
    ),
    "drive-disk": with_text(("ovf:/disk/vmdisk1", "ovf:/disk/vmdisk9")),
    "cpu-memory": with_text(("<rasd:ResourceType>4<", "<rasd:ResourceType>99<")),
    "memory-unit": with_text(("byte * 2^20</rasd", "byte * 2^30</rasd")),
    "os-type": with_text(("debian10_64Guest", "debianGuest64")),
    "driver": with_text(
        ("<OperatingSystemSection", "<!-- This kernel has no drivers for: pvscsi -->"
         "<OperatingSystemSection")
    ),
    "os-newer": with_text(("debian10_64Guest", "debian12_64Guest")),
    "vmdk": cut_disk,
    "vmdk-version": with_disk(version=1),
    "vmdk-kind": with_disk(kind="monolithicSparse"),
    "vmdk-end": with_disk(zeros=127),
    "vmdk-after": with_disk(after=b"# something else".ljust(512)),
    "vmdk-order": with_disk(backward=True),
    "vmdk-descriptor": with_disk(after=b"# Disk DescriptorFile\n".ljust(512, b"\0")),
    "vmdk-adapter": with_disk(adapter="legacyESX"),
}  # fmt: skip


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
@pytest.mark.parametrize("bus", ["", "lsilogic", "sata", "ide", "nvme"])
def test_what_we_make_breaks_no_rule(tmp_path: Path, firmware: str, bus: str) -> None:
    findings = lint(pack(tmp_path, good(firmware=firmware, disk_bus=bus)))
    assert not findings, told(findings)


def test_every_rule_is_named_once_and_has_its_example() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
    assert set(names) == set(BROKEN)
    assert all(rule.source and rule.sentence for rule in RULES)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_ova_is_caught(tmp_path: Path, name: str) -> None:
    findings = lint(BROKEN[name](tmp_path))
    assert name in {each.rule for each in findings}, told(findings)


EXACT = {"ustar", "vmdk-end", "vmdk-order", "vmdk-version", "vmdk-adapter", "manifest-sum", "names",
         "disk-format", "ide-subtype", "extra-config", "os-newer", "file-size", "capacity",
         "network", "transport", "property-required", "unreferenced", "hardware-newer"}  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXACT))
def test_a_rule_finds_its_own_failure_only(tmp_path: Path, name: str) -> None:
    others = {"names": {"file-missing", "unreferenced"}, "unreferenced": {"manifest-missing"}}
    findings = {each.rule for each in lint(BROKEN[name](tmp_path))}
    assert findings - others.get(name, set()) == {name}


def test_the_zeros_that_qemu_img_leaves_are_counted(tmp_path: Path) -> None:
    (finding,) = lint(BROKEN["vmdk-end"](tmp_path))
    assert (finding.level, finding.place) == (ERROR, "shop-sda.stream.vmdk has 127")
    assert finding.source == "home-assistant/operating-system#2121"


def test_certificates_are_allowed(tmp_path: Path) -> None:
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    assert not lint(with_certificate(f"SHA256(shop.mf)= {'0' * 64}\n{pem}")(tmp_path))


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "noise": bytes(range(256)) * 20,
    "a negative size": b"",
    "a header without an end": b"a" * 512,
    "zeros": bytes(10240),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_tar_at_all(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.ova"
    path.write_bytes(HOSTILE[name])
    assert any(each.level == ERROR for each in lint(path))


def test_a_size_beyond_the_file_is_believed_by_nobody(tmp_path: Path) -> None:
    path = pack(tmp_path, {"shop.ovf": b"x"})
    data = bytearray(path.read_bytes())
    data[124:136] = b"\x80" + (1 << 70).to_bytes(11)
    data[148:156] = b" " * 8
    data[148:156] = f"{sum(data[:512]):06o}\0 ".encode()
    path.write_bytes(data)
    assert "it ends inside shop.ovf" in told(lint(path))


def test_entities_are_not_read(tmp_path: Path) -> None:
    bomb = (
        b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">'
        b'<!ENTITY d SYSTEM "file:///etc/passwd">]><Envelope>&c;&d;</Envelope>'
    )
    findings = lint(pack(tmp_path, summed({"shop.ovf": bomb})))
    assert "document type" in told(findings)
    assert "root:" not in told(findings)


@pytest.mark.parametrize("seed", range(4))
def test_noise_anywhere_is_found_or_borne(tmp_path: Path, seed: int) -> None:
    path, dice = pack(tmp_path, good()), random.Random(seed)
    whole = path.read_bytes()
    places = ((0, 512), (512, 6000), (6144, 8192), (8192, 10240), (8192, len(whole)))
    for _ in range(30):
        data, place = bytearray(whole), dice.choice(places)
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(*place)] = dice.choice((0, 0x80, 0xFF, dice.randrange(256)))
        if place[1] == 512:  # a header that is believed
            data[148:156] = b" " * 8
            data[148:156] = f"{sum(data[:512]):06o}\0 ".encode()
        path.write_bytes(data)
        assert isinstance(lint(path), list)


def test_a_number_of_thousands_of_digits_is_none(tmp_path: Path) -> None:
    files = edited(good(), (f'capacity="{len(raw_disk())}"', f'capacity="{"9" * 5000}"'))
    assert [each.rule for each in lint(pack(tmp_path, files))] == ["capacity"]


def test_thousands_of_members_are_too_many(tmp_path: Path) -> None:
    more = [member(f"file{number}") for number in range(1100)]
    assert "more than 1000 members" in told(lint(pack(tmp_path, good(), *more)))


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="No such file"):
        lint(tmp_path / "absent.ova")
    with pytest.raises(RequestError, match="is not a file"):
        lint(tmp_path)


def test_a_bundle_that_lacks_pvscsi_is_still_clean(tmp_path: Path) -> None:
    about = bundle(lacks=("pvscsi",))
    assert about.lacks
    assert not lint(pack(tmp_path, good(lacks=("pvscsi", "vmxnet3"))))


def test_what_check_knows_of_drivers_lint_knows_of_the_ova(tmp_path: Path) -> None:
    named = good(lacks=("pvscsi", "e1000"), disk_bus="pvscsi")
    assert [(each.rule, each.level, each.place) for each in lint(pack(tmp_path, named))] == [
        ("driver", WARNING, "SCSI Controller 0: pvscsi"),
        ("driver", WARNING, "Ethernet 1: e1000, in VirtualBox, which has no vmxnet3"),
    ]
    of_itself = good(lacks=("lsilogic",))
    assert not lint(pack(tmp_path, of_itself))
    only_virtualbox = good(lacks=("lsilogic",), disk_bus="pvscsi")
    (found,) = lint(pack(tmp_path, only_virtualbox))
    assert found.place == "SCSI Controller 0: lsilogic, in VirtualBox, which has no pvscsi"
