"""The options of `virt-image`, with the names and meanings that they had in 2007."""

from appliance.boot.on_libvirt import domain
from appliance.cli.options import kinds, paths, telling
from appliance.cli.options.option import Group, Option
from appliance.cli.options.product import NO_PROCESSOR


def _cpus(text: str) -> None:
    kinds.counted(text.split(",", maxsplit=1)[0], NO_PROCESSOR)
    domain.cpus(text)


def _cpuset(text: str) -> None:
    if not domain.CPUSET.fullmatch(text):
        raise ValueError("these are no numbers and ranges of processors, with ^ before exceptions")


IMAGE = Option(
    ("image",), "description of the image; NAME.xml is found as NAME/NAME.xml, too",
    paths.ANY, metavar="IMAGE.xml", example="web.xml",
)  # fmt: skip
CONNECT = Option(
    ("--connect",), "address of the libvirt that shall have the machine",
    kinds.name("URI"), usual="the one that virsh takes, else QEMU alone",
    example="qemu:///system", default="",
)  # fmt: skip
GENERAL = Group(
    "general options",
    (
        Option(
            ("-n", "--name"), "what the machine is called on libvirt",
            kinds.name(), usual="as the image", example="web-1", default="",
        ),
        Option(
            ("-r", "--ram"), "memory of the machine, in MiB",
            kinds.mebibytes("a machine has memory"), usual="as the image says, else 1024",
            example="512", default=0,
        ),
        Option(
            ("-u", "--uuid"), "UUID of the machine: 32 hexadecimal digits, with hyphens or without",
            kinds.checked("UUID", "UUID", domain.uuid), usual="libvirt chooses one",
            example="0123456789abcdef0123456789abcdef", default="",
        ),
        Option(
            ("--vcpus",),
            "number of the machine's processors, with ,sockets=S ,cores=C ,threads=T after it",
            kinds.checked("processors", "N", _cpus), usual="as the image says, else 1",
            example="4,sockets=2,cores=2", default="",
        ),
        Option(("--check-cpu",), "refuse to give the machine more processors than the host has"),
        Option(
            ("--cpuset",), "processors of the host that those of the machine run on",
            kinds.checked("set of processors", "SET", _cpuset), usual="all of them",
            example="0-3,^2", default="",
        ),
        Option(
            ("--cpu",), "model of the processors: host, or a name with +feature and -feature",
            kinds.name("MODEL"), usual="libvirt chooses one", example="Nehalem,+vmx,-sse4a",
            default="",
        ),
        Option(
            ("--os-type",), "kind of the guest's system; windows sets the clock to local time",
            kinds.name("TYPE", ("windows",)), usual="a clock in UTC", example="windows", default="",
        ),
        Option(
            ("--os-variant",), "accepted, and changes nothing: the drives' targets say enough",
            kinds.name(), usual="none", example="fedora18", default="",
        ),
    ),
)  # fmt: skip
KIND = (
    Option(
        ("--hvm",), "start a whole machine, where the image leaves the choice",
        value="hvm", field="kind", default="",
    ),
    Option(
        ("--paravirt",), "start a paravirtual machine of Xen, where the image leaves the choice",
        value="paravirt", field="kind", default="",
    ),
)  # fmt: skip
BOOT = (
    Option(
        ("--boot",), "take the image's <boot> of this index, counted from 0, and no other",
        kinds.index(), usual="the first that fits", example="1",
    ),
    Option(("--noacpi",), "give the machine no ACPI, whatever the image says of it"),
    Option(("--noapic",), "give the machine no APIC, whatever the image says of it"),
)  # fmt: skip
NETWORK = Group(
    "network",
    (
        Option(
            ("-w", "--network"),
            "what a network card is connected to: network:NAME, bridge:NAME or user, with ,mac=MAC "
            "and ,model=MODEL after it, once for each card",
            kinds.checked("network", "NETWORK", domain.network, ("user",)),
            usual="the network called default, or user where there is none",
            example="bridge:br0", repeat=True,
        ),
        Option(
            ("-b", "--bridge"), "connect a network card to this bridge, as --network bridge:NAME",
            kinds.name(), usual="none", example="br0", repeat=True,
        ),
        Option(
            ("-m", "--mac"), "address of each network card in its order, or RANDOM",
            kinds.checked("address of a card", "MAC", domain.mac, ("RANDOM",)),
            usual="libvirt chooses one", example="52:54:00:12:34:56", repeat=True,
        ),
        Option(("--nonetworks",), "give the machine no network card, whatever the image says"),
    ),
)  # fmt: skip
GRAPHICS = Group(
    "graphics",
    (
        Option(
            ("--graphics",),
            "how the screen is shown: vnc, sdl, spice or none, with ,port=N ,listen=ADDRESS "
            ",keymap=NAME after it",
            kinds.checked("graphics", "KIND", domain.graphics, ("vnc", "sdl", "spice", "none")),
            usual="vnc if the image has graphics", example="vnc,port=5901", default="",
        ),
        Option(("--vnc",), "show the screen over VNC, as --graphics vnc"),
        Option(
            ("--vncport",), "port that VNC listens on",
            kinds.port_number(), usual="a free one", example="5901", default="",
        ),
        Option(
            ("--vnclisten",), "address of the host that VNC listens on",
            kinds.name("ADDRESS"), usual="as libvirt is set up", example="127.0.0.1", default="",
        ),
        Option(
            ("-k", "--keymap"), "keyboard layout of whoever looks at the screen",
            kinds.name(), usual="as libvirt is set up", example="de", default="",
        ),
        Option(("--sdl",), "show the screen in a window, as --graphics sdl"),
        Option(("--nographics",), "give the machine no screen, as --graphics none"),
    ),
)  # fmt: skip
DISKS = Group(
    "disks",
    (
        Option(("--skip-checksum",), "do not compare the disks with their checksums before"),
        Option(("--in-place",), "let the machine write into the image's own disks"),
        Option(
            ("--disks",), "directory for the disks that the machine has of its own on libvirt",
            paths.DIRECTORY, usual="beside the image's", example="/var/lib/libvirt/images",
        ),
    ),
)  # fmt: skip
OTHER = Group(
    "other options",
    (
        Option(("-p", "--print"), "print libvirt's XML of the machine; make and start nothing"),
        Option(("--replace",), "remove a machine of that name, and its disks, before"),
        Option(("--noreboot",), "make the machine, but do not start it"),
        Option(("-d", "--debug"), "accepted, and changes nothing: errors say everything"),
        telling.QUIET,
        Option(("--prompt",), ""),  # nobody is asked anything
        Option(("--force",), ""),
    ),
)  # fmt: skip
