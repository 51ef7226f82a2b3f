"""What a rule is, what it looks at, and what it finds."""

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
    """One member of the archive. *kind* is tar's type flag, *magic* what the header says of the
    format; *start* is where its data is in the file, *size* bytes of it."""

    name: str
    kind: str
    magic: bytes
    start: int
    size: int

    @property
    def is_file(self) -> bool:
        """True for a regular file."""
        return self.kind in ("0", "\0")


@dataclass(frozen=True)
class OvfDisk:
    """What a VMDK says of itself, and what is in it. *capacity* is bytes; *kind* is createType.

    *trouble* says what cannot be read, *backward* names the first grain that is before the one in
    front of it, *zeros* counts zero sectors behind the last grain, up to the end of the file or to
    what else is there; *descriptors* counts texts of a descriptor; *after* is what follows them.
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
    """An OVA as it was read.

    *trouble* says why it could not be read further; *packed* names what it is compressed with.
    *ovf*, *manifest* and *certificate* are texts, None where there is no such file; *envelope* is
    None where *xml_trouble* says why. *sums* are digests by name and algorithm, as far as the
    manifest names them; *disks* are the VMDKs.
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
        """The members whose names end so."""
        return tuple(each for each in self.members if each.name.lower().endswith(suffix))

    def every(self, path: str) -> list[etree._Element]:
        """The elements of the description at an XPath, with our prefixes; [] without one."""
        found = [] if self.envelope is None else self.envelope.xpath(path, namespaces=NAMESPACES)
        return [each for each in found if isinstance(each, etree._Element)]


@dataclass(frozen=True)
class Rule:
    """One known failure. *sentence* is what must be so, *source* where somebody met the failure or
    what forbids it; *check* gives a text for each place where it is not so."""

    name: str
    level: str
    sentence: str
    source: str
    check: Callable[[OpenedOva], Iterator[str]]


@dataclass(frozen=True)
class Finding:
    """A rule that an OVA breaks, and where."""

    rule: str
    level: str
    place: str
    sentence: str
    source: str


def attribute(element: etree._Element, name: str, namespace: str = OVF) -> str:
    """An attribute of *namespace*; empty if it is not there."""
    return str(element.get(f"{{{namespace}}}{name}") or "")
