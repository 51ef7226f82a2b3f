"""What a rule for OVAs is, the opened OVA that it looks at, and what it finds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

ERROR, WARNING = "error", "warning"

OVF = "http://schemas.dmtf.org/ovf/envelope/1"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2"
RASD, VSSD = f"{CIM}/CIM_ResourceAllocationSettingData", f"{CIM}/CIM_VirtualSystemSettingData"
VMW = "http://www.vmware.com/schema/ovf"
NAMESPACES = {"ovf": OVF, "rasd": RASD, "vssd": VSSD, "vmw": VMW}


@dataclass(frozen=True)
class OvaMember:
    """One member of the tar archive that an OVA is.

    *name*: its path in the archive.
    *kind*: tar's type flag.
    *magic*: the fields magic and version of its header, which tell the format.
    *start*: the byte of the file where its data begin.
    *size*: the size of its data, in bytes.
    """

    name: str
    kind: str
    magic: bytes
    start: int
    size: int

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self.kind in ("0", "\0")


@dataclass(frozen=True)
class OvfDisk:
    """What a VMDK in an OVA says of itself, and how its content is laid out.

    *trouble*: what cannot be read of it; empty if everything can.
    *version*: the version in its header; 0 if it has no header.
    *compressed*: whether its grains are compressed.
    *capacity*: the size of the disk that a machine sees, in bytes.
    *kind*: createType in its descriptor.
    *adapter*: ddb.adapterType in its descriptor.
    *backward*: the first grain that is behind one of a later sector; empty if there is none.
    *zeros*: how many sectors of zeros follow the last grain.
    *after*: how many bytes follow these sectors.
    *descriptors*: how many descriptors it has.
    """

    trouble: str = ""
    version: int = 0
    compressed: bool = False
    capacity: int = 0
    kind: str = ""
    adapter: str = ""
    backward: str = ""
    zeros: int = 1
    after: int = 0
    descriptors: int = 1


@dataclass(frozen=True)
class OpenedOva:
    """An OVA as far as it could be read.

    *trouble*: why the archive could not be read further; empty if it could.
    *packed*: the program that the whole is compressed with; empty if it is not.
    *members*: the members of the archive, in order.
    *ovf*: the text of the first description (.ovf); None if there is none.
    *manifest*: the text of the first manifest (.mf); None if there is none.
    *certificate*: the text of the first certificate (.cert); None if there is none.
    *envelope*: the root element of the description; None if there is none, or *xml_trouble* says
        why it cannot be parsed.
    *xml_trouble*: what is wrong with the XML of the description; empty if nothing is.
    *sums*: the digests of the members that the manifest names, by name and algorithm.
    *disks*: what the VMDKs say of themselves, by name.
    """

    trouble: str = ""
    packed: str = ""
    members: tuple[OvaMember, ...] = ()
    ovf: str | None = None
    manifest: str | None = None
    certificate: str | None = None
    envelope: etree._Element | None = None
    xml_trouble: str = ""
    sums: Mapping[tuple[str, str], str] = field(default_factory=dict)
    disks: Mapping[str, OvfDisk] = field(default_factory=dict)

    def named(self, suffix: str) -> tuple[OvaMember, ...]:
        """The members whose names end with *suffix*, in capital letters or small ones."""
        return tuple(each for each in self.members if each.name.lower().endswith(suffix))

    def every(self, path: str) -> list[etree._Element]:
        """The elements of the description at the XPath *path*, with the prefixes of NAMESPACES;
        [] if there is no description."""
        found = [] if self.envelope is None else self.envelope.xpath(path, namespaces=NAMESPACES)
        return [each for each in found if isinstance(each, etree._Element)]


@dataclass(frozen=True)
class Rule:
    """A rule that an OVA has to obey, because importers are known to fail where it is broken.

    *name*: what the rule is called.
    *level*: error or warning.
    *sentence*: what has to be so.
    *source*: where somebody met the failure, or the text that forbids it.
    *check*: yields a text for each place of an OVA where the rule is broken.
    """

    name: str
    level: str
    sentence: str
    source: str
    check: Callable[[OpenedOva], Iterator[str]]


@dataclass(frozen=True)
class Finding:
    """One place where an OVA breaks a rule.

    *rule*: the name of the rule.
    *level*: error or warning.
    *place*: where it is broken, and how.
    *sentence*: what has to be so.
    *source*: where somebody met the failure, or the text that forbids it.
    """

    rule: str
    level: str
    place: str
    sentence: str
    source: str


def attribute(element: etree._Element, name: str, namespace: str = OVF) -> str:
    """The attribute *name* of *namespace* that *element* has; empty if it has none."""
    return str(element.get(f"{{{namespace}}}{name}") or "")
