"""The appliance whose descriptions tests read, and a domain of ours as tests can start it."""

from dataclasses import replace

from lxml import etree

from appliance.bundle.model import Artifact, Bundle, Machine, Port, Product, Property

SHOP = Product(
    name="Shop",
    version="1.2",
    vendor="ACME & Söhne",
    url="https://shop.example/",
    vendor_url="https://acme.example/",
    description='Sells "things" <cheap>\nand more.',
    eula="You may.\n\nAnd more than that.",
    ports=(Port(443, "tcp", "https"), Port(53, "udp")),
    properties=(
        Property("hostname", "Host name", "What it is called", default="shop"),
        Property("password", kind="password"),
        Property("workers", kind="int"),
        Property("debug", kind="boolean", default="False"),
    ),
)
SUFFIXES = {
    "vmdk-stream": "stream.vmdk",
    "raw": "raw",
    "vmdk": "vmdk",
    "vhdx": "vhdx",
    "vhd": "vhd",
}


def shop(*formats: str, disks: int = 2, **changes: object) -> Bundle:
    """An appliance with some disks, all in *formats*; *changes* go to its machine, if it has such
    a field, or to itself."""
    artifacts = tuple(
        Artifact(
            f"sd{letter}",
            f"shop-sd{letter}.{SUFFIXES.get(name, 'qcow2')}",
            name,
            size=(number + 1) << 30,
            sha256=f"{number}" * 64,
            file_size=1000 + number,
        )
        for name in formats or ("qcow2",)
        for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz"[:disks])
    )
    bundle = Bundle(
        name="shop",
        version="1.2",
        release="3",
        family="debian",
        family_release="trixie",
        clock=1_700_000_000,
        plan_digest="abcdef" * 10,
        machine=Machine(memory=512 * 1024 * 1024, cpus=2),
        firmware=("bios", "uefi"),
        artifacts=artifacts,
        packages=(),
        product=SHOP,
    )
    of_machine = {name: value for name, value in changes.items() if hasattr(bundle.machine, name)}
    of_bundle = {name: value for name, value in changes.items() if name not in of_machine}
    if "firmware" in of_machine and isinstance(of_machine["firmware"], tuple):
        of_bundle["firmware"] = of_machine.pop("firmware")
    machine = replace(bundle.machine, **of_machine)  # type: ignore[arg-type]
    return replace(bundle, machine=machine, **of_bundle)  # type: ignore[arg-type]


def startable(text: str | bytes, **serial: str) -> bytes:
    """A domain as libvirt can start it in tests: emulated, without a network or a screen of the
    host's; its serial port is *serial* (type, path, mode). All else stays as we hand it over."""
    domain = etree.fromstring(text)
    domain.set("type", "qemu")
    for cpu in domain.iterfind("cpu"):
        cpu.clear()
        cpu.set("mode", "maximum")
        etree.SubElement(cpu, "feature", policy="disable", name="cx16")
    for interface in domain.iterfind("devices/interface"):
        interface.set("type", "user")
        for source in interface.findall("source"):
            interface.remove(source)
    for tag in ("console", "graphics"):
        for each in domain.findall(f"devices/{tag}"):
            each.getparent().remove(each)  # type: ignore[union-attr]
    for each in domain.iterfind("devices/serial"):
        each.set("type", serial.pop("type"))
        etree.SubElement(each, "source", **serial)
    return bytes(etree.tostring(domain))
