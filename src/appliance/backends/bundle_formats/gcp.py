"""The file that Google Compute Engine imports: one disk in a compressed tar file.

Facts: cloud.google.com/compute/docs/import/import-existing-image.
"""

from collections.abc import Iterable
from pathlib import Path

from appliance.backends.bundle_formats.model import Files, Member, Packing, no_image
from appliance.backends.bundle_formats.tar import Opener, write_tar
from appliance.bundle.model import Bundle


class Gcp:
    """A tar file in the old GNU format, compressed by gzip, with no other file than disk.raw."""

    name = "gcp"
    suffix = "-gcp.tar.gz"
    says = "images of Google Compute Engine"
    formats: tuple[str, ...] = ("raw",)

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    def refuses(self, bundle: Bundle) -> str:
        """Why *bundle* cannot be an image of Google's cloud; empty if it can."""
        several = len(bundle.images(self.formats)) > 1
        return "an image there has one disk" if several else no_image(bundle, self.formats)

    def members(self, bundle: Bundle, files: Files) -> Iterable[Member]:
        """The one member that Google's cloud looks for: disk.raw."""
        (image,) = bundle.images(self.formats)
        yield Member("disk.raw", files[image.path])

    def write(self, target: Path, members: Iterable[Member], manner: Packing) -> None:
        """Write *members* as a tar file compressed by gzip."""
        with self._opener(target, manner) as stream:
            write_tar(stream, members, clock=manner.clock)
