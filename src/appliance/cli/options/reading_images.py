"""Options that say how filesystems in images of others are read."""

from appliance.cli.options import paths
from appliance.cli.options.option import Option
from appliance.intake.mounted import OPTIONS

KERNEL_ROOT = Option(
    ("--tools",),
    f"take the kernel that reads {', '.join(OPTIONS)} from the system in this directory",
    paths.DIRECTORY_THERE, usual="this machine's kernel", example="/srv/trixie", metavar="ROOT",
)  # fmt: skip
