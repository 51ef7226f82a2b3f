"""What may lie between a partition and its filesystem: encrypted containers now, and the place for
integrity (dm-verity). To add one: write its file, add it to KNOWN."""

from pathlib import Path
from typing import Protocol

from appliance.backends.block_layers.luks import Luks
from appliance.backends.block_layers.model import Run
from appliance.errors import Where
from appliance.layout.areas import Encrypted
from appliance.work import Work


class Encrypter(Protocol):
    """How the data of a volume are put into a container that needs a passphrase, in plain files."""

    tools: tuple[str, ...]

    def encrypt(
        self,
        work: Work,
        *,
        plain: Path,
        run: Run,
        container: Encrypted,
        where: Where,
    ) -> None:
        """Encrypt what the file *plain* holds, and write the container to *run* of a disk.

        *plain* has to be layout.place.CONTAINER bytes smaller than *run*, and is gone afterwards.
        *container* says how to encrypt, *where* is the line of the kickstart that asks for it.

        Raises CommandError if the program that encrypts fails.
        """


KNOWN: dict[str, Encrypter] = {"luks2": Luks()}


def find(name: str = "luks2") -> Encrypter:
    """Return the kind of container called *name*."""
    return KNOWN[name]
