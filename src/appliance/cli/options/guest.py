"""Options of the commands that start an appliance here: which machine, who may log in."""

from dataclasses import replace

from appliance.boot import ovmf
from appliance.boot.access import ROOT
from appliance.boot.credentials import parse
from appliance.boot.session import port
from appliance.bundle.model import BIOS, UEFI
from appliance.cli.options import kinds, paths, product
from appliance.cli.options.option import Group, Option

IMAGE = Option(
    ("image",),
    "what to start: a disk image, the directory of a bundle, a bundle in one file (OVA, zip, …), "
    "or the NAME.xml, NAME.ovf or NAME.vmx that describes it",
    paths.ANY, metavar="IMAGE", example="out/web",
)  # fmt: skip
MEMORY = replace(
    product.MEMORY, text="memory of the virtual machine while it runs here, with its unit",
    usual="as the appliance says, else 1GiB",
)  # fmt: skip
CPUS = replace(
    product.CPUS, text="number of processors of the virtual machine while it runs here",
    usual="as the appliance says, else 1",
)  # fmt: skip
DISK_BUS = replace(
    product.DISK_BUS, text="controller that the machine's disks are attached to",
    usual="as the appliance says, else virtio",
)  # fmt: skip
NETWORK_CARD = replace(
    product.NETWORK_CARD, usual="as the appliance says, else virtio",
)  # fmt: skip
FIRMWARE = Option(
    ("--firmware",), "firmware that it starts under, where the appliance starts under both",
    kinds.one_of(BIOS, UEFI), usual="as the appliance says, else bios", example=UEFI, default="",
)  # fmt: skip
CDROM = Option(
    ("--cdrom",), "put this ISO image into a CD drive of the machine",
    paths.FILE, usual="no drive", example="seed.iso", metavar="FILE.iso", repeat=True,
)  # fmt: skip
HARDWARE = (MEMORY, CPUS, DISK_BUS, NETWORK_CARD, CDROM)

CREDENTIAL = Option(
    ("--credential",),
    "hand this system credential over at launch, as systemd.system-credentials(7) names it",
    kinds.checked("credential", "NAME=VALUE", parse), usual="none",
    example="firstboot.locale=C.UTF-8", repeat=True,
)  # fmt: skip

MACHINE = Group(
    "machine",
    (
        FIRMWARE,
        Option(("--uefi",), "", field="firmware", value=UEFI, default=""),
        *HARDWARE,
        Option(("--graphics",), "open a window that shows the machine's screen"),
        Option(("--persist",), "keep what the machine writes, in the image itself"),
        Option(
            ("--forward",), "let port HOST of 127.0.0.1 lead to port GUEST of the machine",
            kinds.checked("forwarded port", "HOST:GUEST", port), usual="none",
            example="8080:80", repeat=True, old=("--port",),
        ),
    ),
)  # fmt: skip
SSH = Option(("--ssh",), "wait until the machine answers, log in over ssh, and stop it afterwards")
USER = Option(
    ("--login",), "user that --ssh logs in as",
    kinds.name("USER"), usual=ROOT, example="admin", default=ROOT,
)  # fmt: skip
IDENTITY = Group(
    "identity",
    (
        Option(
            ("--ssh-key",), "let the owner of this key, or of its private half, log in as root",
            paths.FILE, usual="nobody more than the image has", example="~/.ssh/id_ed25519.pub",
        ),
        Option(
            ("--root-password",),
            "password of root; the image has to take it from systemd's credentials",
            kinds.secret(), usual="as the image has it", example="'correct horse'", default="",
            old=("--password",),
        ),
        Option(
            ("--hostname",), "name that the machine calls itself",
            kinds.name(), usual="as the image has it", example="web-1", default="",
        ),
        replace(CREDENTIAL, text=f"{CREDENTIAL.text}; it wins over the options above"),
    ),
    "Handed over at launch as system credentials; the image is not changed.",
)  # fmt: skip

LOGIN = Option(
    ("--login",),
    "log in on the console as this user with this password; with --login-key, the user alone",
    kinds.secret("USER[:PASSWORD]"), usual="root, with a one-time password", example="admin:secret",
    default="",
)  # fmt: skip
LOGIN_KEY = Option(
    ("--login-key",),
    "log in over ssh with this private key, or the one beside this FILE.pub, instead of on the "
    "console",
    paths.FILE, usual="log in on the console", example="~/.ssh/id_ed25519", field="ssh_key",
    old=("--ssh-key",),
)  # fmt: skip
TEST_FIRMWARE = Option(
    ("--firmware",), "firmware under which it has to boot",
    kinds.one_of(*sorted(ovmf.CHOICES)), usual="both, or the one that its description names",
    example="uefi", default="",
)  # fmt: skip
PASSPHRASE = Option(
    ("--passphrase",),
    "passphrase to type on the console where an encrypted volume asks for it: from an environment "
    "variable (env:NAME) or from the first line of a file (file:PATH)",
    kinds.passphrase(), usual="none", example="env:DISK_SECRET", default="",
)  # fmt: skip
CHECK = Option(
    ("--check",), "run this script inside the appliance; it has to end with status 0",
    paths.FILE, usual="none", example="answers.sh", metavar="SCRIPT", repeat=True,
)  # fmt: skip
REPORT = Option(
    ("--output",), "directory for report.json, junit.xml, consoles and pictures of screens",
    paths.DIRECTORY, usual="NAME.test, here", example="reports",
)  # fmt: skip
STATEMENT_KEY = Option(
    ("--statement-key",),
    "sign what the test came to, NAME.test.json beside the report, by this private key, a PEM file "
    "without passphrase: ECDSA P-256 or ed25519",
    paths.FILE, usual="no statement", example="key.pem", old=("--key",),
)  # fmt: skip
MATRIX = Option(
    ("--matrix",),
    "try every format, firmware, disk bus and network card that the bundle claims, and print a "
    "table; what was well before is not tried again",
)  # fmt: skip
AGAIN = Option(("--refresh",), "try what was well before again, too, when --matrix is there")
