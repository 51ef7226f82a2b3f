"""Files in which distributions publish what is known against their packages. To add one: write its
file and add it to KNOWN."""

from appliance.backends.advisories.debian_tracker import DebianTracker
from appliance.backends.advisories.debsecan import Debsecan
from appliance.backends.advisories.model import Advisory, AdvisoryFormat
from appliance.backends.advisories.updateinfo import Updateinfo

__all__ = ["HEAD", "KNOWN", "Advisory", "AdvisoryFormat", "recognised"]

KNOWN: dict[str, AdvisoryFormat] = {
    kind.name: kind for kind in (DebianTracker(), Debsecan(), Updateinfo())
}
HEAD = 4096  # bytes that tell which it is


def recognised(head: bytes) -> AdvisoryFormat | None:
    """The format of a file that begins with *head*; None if it is none of these."""
    return next((kind for kind in KNOWN.values() if kind.recognises(head)), None)
