"""VMX: the file that describes a machine of VMware Workstation, Fusion and Player.

Facts: virt-v2v's parser, which reads the same keys; Workstation's own files. Quotation marks and
line ends are written |22 and |0A.
"""

from collections.abc import Iterator, Mapping

from appliance.backends.launchers import vmware, words
from appliance.backends.xml_texts import clean
from appliance.bundle.model import UEFI, Bundle

# A vmxnet3 or a PVSCSI is a PCI Express device: it needs a port to be in.
BRIDGES = {
    "pciBridge0.present": "TRUE",
    **{
        key: value
        for number in (4, 5, 6, 7)
        for key, value in (
            (f"pciBridge{number}.present", "TRUE"),
            (f"pciBridge{number}.virtualDev", "pcieRootPort"),
            (f"pciBridge{number}.functions", "8"),
        )
    },
}


class Vmx:
    """A machine whose monolithicSparse disks are beside its file, and whose network is NAT."""

    name = "vmx"
    says = "VMware Workstation, Fusion and Player, which open it where it lies"
    formats = ("vmdk",)
    unasked = formats

    def refuses(self, bundle: Bundle) -> str:
        """Why VMware's desktop programs cannot start *bundle*; empty if they can."""
        return vmware.refuses(bundle, self.formats, "vmx")

    def leaves_out(self, bundle: Bundle) -> tuple[str, ...]:
        """What *bundle* wants of the machine or the product that a VMX cannot express."""
        return tuple(vmware.leaves_out(bundle, "vmx") + words.product_left_out(bundle, "vmx"))

    def files(self, bundle: Bundle) -> Mapping[str, str]:
        """The one file NAME.vmx: a configuration of Workstation, Fusion and Player."""
        return {f"{bundle.name}.vmx": self.text(bundle)}

    def text(self, bundle: Bundle) -> str:
        """The text of the VMX: a key and a quoted value on each line."""
        said = {
            ".encoding": "UTF-8",
            "config.version": "8",
            "virtualHW.version": str(vmware.hardware(bundle)),
            "displayName": words.title(bundle) or bundle.name,
            "guestOS": guest_os(vmware.os_type(bundle)),
            "firmware": "efi" if bundle.boots_with == UEFI else "bios",
            "memsize": str(vmware.memory(bundle)),
            "numvcpus": str(bundle.machine.cpus),
            **BRIDGES,
            **dict(_disks(bundle)),
            **dict(_cards(bundle)),
            "uuid.action": "create",
            "tools.syncTime": "FALSE",
            "powerType.powerOff": "soft",
            "powerType.reset": "soft",
            "powerType.suspend": "hard",
            "floppy0.present": "FALSE",
        }
        annotation = words.description(bundle)
        if annotation:
            said["annotation"] = annotation
        return "".join(f"{key} = {quoted(value)}\n" for key, value in said.items())


def quoted(text: str) -> str:
    """Quote *text* as a value of a VMX."""
    text = clean(text)
    for letter, code in (("|", "|7C"), ('"', "|22"), ("\n", "|0A")):
        text = text.replace(letter, code)
    return f'"{text}"'


def guest_os(os_type: str) -> str:
    """Return the name that a VMX has for the guest system that vSphere calls *os_type*, for
    instance debian12-64 for debian12_64Guest."""
    short = os_type.removesuffix("Guest")
    plain = short[:-3] if short.endswith("_64") else short.removesuffix("64")
    return (f"{plain}-64" if plain != short else short).lower()


def _disks(bundle: Bundle) -> Iterator[tuple[str, str]]:
    images = bundle.images(Vmx.formats)
    kind = vmware.BUSES[vmware.bus(bundle)]
    for image, (controller, place) in zip(images, kind.addresses(len(images)), strict=True):
        yield f"{kind.vmx}{controller}.present", "TRUE"
        if kind.device:
            yield f"{kind.vmx}{controller}.virtualDev", kind.device
        yield f"{kind.vmx}{controller}:{place}.present", "TRUE"
        if kind.disk:
            yield f"{kind.vmx}{controller}:{place}.deviceType", kind.disk
        yield f"{kind.vmx}{controller}:{place}.fileName", image.path


def _cards(bundle: Bundle) -> Iterator[tuple[str, str]]:
    for number in range(bundle.machine.interfaces):
        yield f"ethernet{number}.present", "TRUE"
        yield f"ethernet{number}.virtualDev", vmware.card(bundle)
        yield f"ethernet{number}.connectionType", "nat"
        yield f"ethernet{number}.addressType", "generated"
        yield f"ethernet{number}.startConnected", "TRUE"
