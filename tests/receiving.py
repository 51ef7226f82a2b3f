"""What a command that starts an appliance makes of a path."""

from pathlib import Path

from appliance.intake.images import Image
from appliance.intake.received import received, to_start


def machine_in(path: Path) -> Image:
    """The machine of whatever *path* is; raises RequestError as the commands do."""
    return to_start(received(path))
