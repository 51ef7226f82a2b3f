"""Options that say what machine the appliance needs, and what the product is; see the sheet."""

from dataclasses import replace

from appliance.bundle.model import BIOS, DISK_BUSES, NETWORK_CARDS, UEFI
from appliance.bundle.sheet_keys import MOST
from appliance.cli.options import kinds, paths
from appliance.cli.options.option import Group, Option

NO_PROCESSOR = "a machine has at least one processor"
SHEET = Option(
    ("--sheet",), "product sheet, a TOML file, to read instead of the one beside the kickstart",
    paths.FILE, usual="FILE.toml, if there is one", example="web.toml",
)  # fmt: skip
MEMORY = Option(
    ("--memory",), "memory of the machine, with its unit",
    kinds.size("a machine has memory"), usual="as the sheet says, else 1GiB", example="2GiB",
    default=0,
)  # fmt: skip
CPUS = Option(
    ("--cpus",), "number of the machine's processors",
    kinds.count(NO_PROCESSOR, most=MOST),
    usual="as the sheet says, else 1", example="4", default=0,
)  # fmt: skip
INTERFACES = Option(
    ("--interfaces",), "number of the machine's network cards",
    kinds.count("a machine without a network card is no use to anybody", most=MOST),
    usual="as the sheet says, else as many as the kickstart sets up", example="2", default=0,
)  # fmt: skip
FIRMWARE = Option(
    ("--firmware",), "firmware that descriptions of the machine ask for",
    kinds.one_of(BIOS, UEFI), usual="as the sheet says, else what the disks start under",
    example=UEFI, default="",
)  # fmt: skip
DISK_BUS = Option(
    ("--disk-bus",), "controller that the machine's disks are attached to",
    kinds.one_of(*DISK_BUSES), usual="as the sheet says, else what fits each launcher",
    example="nvme", default="",
)  # fmt: skip
NETWORK_CARD = Option(
    ("--network-card",), "model of the machine's network cards",
    kinds.one_of(*NETWORK_CARDS), usual="as the sheet says, else what fits each launcher",
    example="e1000e", default="",
)  # fmt: skip
NO_DISPLAY = Option(
    ("--no-display",), "describe a machine without a screen, which has its serial console alone",
    value=False, field="display",
)  # fmt: skip
OS_TYPE = Option(
    ("--os-type",), "VMware's own word for the guest's operating system, for OVF and VMX",
    kinds.text("WORD"), usual="as the sheet says, else what the distribution is called there",
    example="debian12_64Guest", default="",
)  # fmt: skip
_MACHINE = (MEMORY, CPUS, INTERFACES, FIRMWARE, DISK_BUS, NETWORK_CARD, NO_DISPLAY, OS_TYPE)
MACHINE = Group(
    "machine", (SHEET, *_MACHINE),
    "What is not said here is read from the product sheet, FILE.toml beside FILE.ks.",
)  # fmt: skip
CONVERTED_MACHINE = Group(
    "machine",
    (
        replace(SHEET, text="product sheet, a TOML file, to read", usual="none"),
        *(
            replace(option, usual="as the sheet says, else the appliance")
            if option.usual
            else option
            for option in _MACHINE
        ),
    ),
    "What is not said here is read from the product sheet, if one is named, or else from the "
    "appliance's own description.",
)

PRODUCT = Group(
    "product",
    (
        Option(
            ("--product",), "name of the product, as people read it in a list of machines",
            kinds.text("NAME"), usual="as the sheet says, else the appliance's name",
            example="'Web server'", default="",
        ),
        Option(
            ("--product-version",), "version of the product, and of the appliance with it",
            kinds.text("VERSION"), usual="as the sheet says, else 1.0", example="2.1", default="",
        ),
        Option(
            ("--vendor",), "name of the product's maker",
            kinds.text("NAME"), usual="as the sheet says, else none", example="'Example Ltd'",
            default="",
        ),
        Option(
            ("--url",), "address of a page that says more of the product",
            kinds.text("URL"), usual="as the sheet says, else none",
            example="https://example.com/web", default="",
        ),
        Option(
            ("--description",), "one sentence on what the product is for",
            kinds.text(), usual="as the sheet says, else none", example="'Serves static pages'",
            default="",
        ),
        Option(
            ("--eula",), "file whose text is the licence that users of an OVF package agree to",
            paths.FILE, usual="as the sheet says, else none", example="LICENCE.txt", default="",
        ),
        Option(
            ("--product-port",),
            "port that the product serves, of TCP unless /udp stands behind it",
            kinds.port(), usual="as the sheet says, else those the kickstart's firewall opens",
            example="443", repeat=True,
            field="port", old=("--port",),
        ),
    ),
)  # fmt: skip
CONVERTED_PRODUCT = Group(
    "product",
    tuple(
        replace(option, usual="as the sheet says, else the appliance") for option in PRODUCT.options
    ),
)
