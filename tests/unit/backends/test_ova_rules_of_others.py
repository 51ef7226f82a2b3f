"""OVAs in the shapes in which other products export them: well-formed, so without an error."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from appliance.backends.families.known import FAMILIES
from appliance.backends.launchers import vmware
from appliance.backends.ova_rules import ERROR, lint
from appliance.backends.ova_rules.systems import KNOWN
from ova_making import DISK, edited, good, pack

Files = Mapping[str, bytes]
SYSTEM = "  <VirtualSystem "
ITEM = """<Item{attributes}>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>{amount}</rasd:VirtualQuantity>
      </Item>
      """
FIRST = "<Item>\n        <rasd:AllocationUnits>hertz"


def without_sizes() -> Files:
    """Sizes of files may be left out, as many do (7.1)."""
    return edited(good(), (f' ovf:size="{len(DISK)}"', ""))


def manifest_last() -> Files:
    """Who writes an archive as it comes knows the sums at the end (5.3)."""
    files = good()
    manifest = files.pop("shop.mf")
    return {**files, "shop.mf": manifest}


def configurations() -> Files:
    """vCenter's sizes to choose from: the same item again, for each of them (9.8)."""
    more = "".join(
        ITEM.format(attributes=f' ovf:configuration="{size}"', amount=amount)
        for size, amount in (("small", 512), ("large", 2048))
    )
    return edited(good(), (FIRST, more + FIRST))


def ranges() -> Files:
    """The least and the most of an item, under its number (8.4)."""
    more = "".join(
        ITEM.format(attributes=f' ovf:bound="{bound}"', amount=amount)
        for bound, amount in (("min", 256), ("max", 4096))
    )
    return edited(good(), (FIRST, more + FIRST))


def two_machines() -> Files:
    """A vApp: each of its machines counts its items from one."""
    text = good()["shop.ovf"].decode()
    start, end = text.index(SYSTEM), text.index("</Envelope>")
    second = text[start:end].replace('ovf:id="shop"', 'ovf:id="second"')
    disk = text.index("    <Disk "), text.index("  </DiskSection>")
    other = text[slice(*disk)].replace("vmdisk1", "vmdisk2")
    return edited(
        good(),
        ("  </DiskSection>", f"{other}  </DiskSection>"),
        ("</Envelope>", second.replace("vmdisk1", "vmdisk2") + "</Envelope>"),
    )


def asked_size() -> Files:
    """An empty disk, as large as a property says, without a format (9.1)."""
    text = good()["shop.ovf"].decode()
    item = text.index("<rasd:ElementName>Hard disk 1<")
    item, stop = text.rindex("<Item", 0, item), text.index("</Item>", item) + len("</Item>")
    whole = text[item:stop]
    number = whole.index("<rasd:InstanceID>")
    second = whole.replace(whole[number : whole.index("\n", number)],
                           "<rasd:InstanceID>2000</rasd:InstanceID>")  # fmt: skip
    second = second.replace("vmdisk1", "vmdisk2")
    second = second.replace("<rasd:AddressOnParent>0<", "<rasd:AddressOnParent>1<")
    empty = '<Disk ovf:capacity="${data}" ovf:capacityAllocationUnits="byte * 2^30" '
    return edited(
        good(),
        ("  </DiskSection>", f'{empty}ovf:diskId="vmdisk2"/>\n  </DiskSection>'),
        (whole, whole + second),
    )


def new_disk() -> Files:
    """A disk that is nowhere but in its item: the host makes one of that size."""
    second = """<Item>
        <rasd:AddressOnParent>1</rasd:AddressOnParent>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>Hard disk 2</rasd:ElementName>
        <rasd:InstanceID>2001</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
        <rasd:VirtualQuantity>1024</rasd:VirtualQuantity>
      </Item>
      """
    return edited(good(), (FIRST, second + FIRST))


def loud_words() -> Files:
    """Kinds of devices in other letters, and several to choose from."""
    return edited(good(), (">VmxNet3<", ">VMXNET3<"), (">VirtualSCSI<", ">buslogic,lsilogic<"))


def old_hardware() -> Files:
    """Old families, in a list, and a system of 32 bits."""
    return edited(good(), ("vmx-13", "vmx-08,vmx-09"), ("debian10_64Guest", "ubuntuGuest"))


@pytest.mark.parametrize(
    ("made", "warned"),
    [
        (without_sizes, set()),
        (manifest_last, set()),
        (configurations, set()),
        (ranges, set()),
        (two_machines, {"one-system"}),
        (asked_size, set()),
        (new_disk, set()),
        (loud_words, set()),
        (old_hardware, {"hardware-older"}),
    ],
)
def test_what_others_export_has_no_error(
    tmp_path: Path, made: Callable[[], Files], warned: set[str]
) -> None:
    findings = lint(pack(tmp_path, dict(made())))
    assert not [each for each in findings if each.level == ERROR], findings
    assert {each.rule for each in findings} == warned


def test_every_system_that_we_choose_is_one_of_vsphere() -> None:
    assert set(vmware.OS_TYPES) <= KNOWN
    assert {word for each in FAMILIES for word in each.vmware_systems} <= set(vmware.OS_TYPES)
