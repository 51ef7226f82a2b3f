"""Whether the files of an image need SELinux labels."""

from appliance.backends.package_managers.model import Lock
from appliance.steps.label_files import LabelFiles
from appliance.work.results import Layer

POLICIES = ("selinux-policy-targeted", "selinux-policy-minimum", "selinux-policy-mls",
            "selinux-policy-default", "selinux-policy-automotive")  # fmt: skip
PROGRAM = "setfiles"


def tools(lock: Lock) -> tuple[str, ...]:
    """The programs of this host that label the files of an image; none without a policy."""
    return (PROGRAM,) if any(item.name in POLICIES for item in lock.packages) else ()


def labels(
    lock: Lock, layers: tuple[Layer, ...], versions: tuple[tuple[str, str], ...]
) -> tuple[LabelFiles, ...]:
    """Return the step that decides the SELinux labels of the files in *layers*, which are all
    layers of the root; none if no policy is installed."""
    return (LabelFiles(layers, versions),) if tools(lock) else ()
