"""What to try when an accelerator could not run a guest."""

from appliance.boot.console import AcceleratorError
from appliance.errors import BootError
from appliance.host.accelerator import Accelerator, kvm, tcg


def instead(failed: Accelerator, failure: AcceleratorError) -> Accelerator:
    """Return the accelerator to try after *failed* could not run a guest; raise BootError if none
    is left."""
    following = {
        kvm().arguments: tcg(f"{failure}: started again, emulated, which is slow"),
        tcg("").arguments: tcg(f"{failure}: started again with all instructions", whole=True),
    }
    if failed.arguments not in following:
        raise BootError(f"nothing on this machine can run it: {failure}")
    return following[failed.arguments]
