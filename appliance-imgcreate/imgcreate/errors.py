"""What a program that uses this package catches: CreatorError, and kinds of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from appliance.errors import ApplianceError
from appliance.host.sandbox import RefusalError


class CreatorError(Exception):
    """Anything that keeps an image from being made; its text says what, and what to try."""


class KickstartError(CreatorError):
    """The kickstart cannot be read."""


class MountError(CreatorError):
    """A disk or a directory cannot be used."""


class ResizeError(CreatorError):
    """A filesystem cannot have that size."""


class SnapshotError(CreatorError):
    """Never raised: there are no snapshots here. Programs may name it."""


class SquashfsError(CreatorError):
    """Never raised: there is no squashfs here. Programs may name it."""


@contextmanager
def told_as(kind: type[CreatorError]) -> Iterator[None]:
    """Raise what the engine says as *kind*, which old programs know."""
    try:
        yield
    except (ApplianceError, RefusalError, OSError) as error:
        raise kind(str(error)) from error
