"""What an image calls itself: IMAGE_ID and IMAGE_VERSION of os-release(5)."""

import re
from dataclasses import dataclass

VERSION = re.compile(r"[0-9a-z._-]+")  # os-release(5)
OTHER = re.compile(r"[^0-9a-z._-]+")


@dataclass(frozen=True)
class Image:
    """The identity of an image, as its own system can read it.

    *id*: which of its maker's images it is: lower-case letters, digits, dots, dashes, underscores.
    *version*: the version of it, of the same signs; empty where nobody said one.
    """

    id: str
    version: str = ""


def identified(name: str, version: str) -> Image:
    """Return the identity of the appliance called *name*, in the signs that it may have."""
    return Image(OTHER.sub("-", name.lower()).strip("-") or "image", version)
