"""Creators that old programs know and that cannot be had here: each says so."""

from imgcreate.creator import ImageCreator
from imgcreate.errors import CreatorError

INSTEAD = "ImageCreator makes a directory, ApplianceImageCreator disks that boot"


class LoopImageCreator(ImageCreator):
    """A filesystem in a file, by way of a loop device."""

    def __init__(self, *_: object, **__: object) -> None:
        raise CreatorError(
            f"{type(self).__name__} cannot be had: there are no loop devices here. {INSTEAD}; "
            "ExtDiskMount fills an ext filesystem in _mount_instroot()"
        )


class LiveImageCreator(LoopImageCreator):
    """A live system on an ISO."""

    def __init__(self, *_: object, **__: object) -> None:
        raise CreatorError(f"LiveImageCreator cannot be had: nothing here makes ISOs. {INSTEAD}")
