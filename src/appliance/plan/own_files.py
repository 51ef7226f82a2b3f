"""The author's own files, as plans have them: by digests, wherever on this machine they are."""

from dataclasses import dataclass

from appliance.steps.copy_files import CopiedFiles


@dataclass(frozen=True)
class FoundFiles:
    """The author's own files, found and looked at.

    *copies*: what is copied into the image, in order.
    *shown*: the digests of the directories that scripts beside the root see.
    *names*: the names of these directories, where nothing in them has that name.
    """

    copies: tuple[CopiedFiles, ...] = ()
    shown: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


NO_FILES = FoundFiles()
