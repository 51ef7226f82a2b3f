"""What is known against a package, whoever says it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Advisory:
    """A vulnerability of one package, or a notice that mends some.

    *name*: what its publisher calls it, as CVE-2024-3094.
    *package*: the package that has it.
    *binary*: whether that is an installed package by its own name; else it is a source package.
    *fixed*: the first version without it; empty if no version is known to be without it.
    *fixed_too*: versions, earlier than *fixed*, that are without it nevertheless.
    *available*: whether the release that was asked for has a version without it.
    *severity*: in the publisher's words; empty if it says nothing.
    *minor*: why the release's makers do not intend to mend it soon; empty if they do.
    *about*: what it is, in a line.
    *aliases*: other names that it goes by.
    *address*: where people can read of it; empty if that follows from the name.
    *architecture*: the only architecture that has it; empty for all.
    """

    name: str
    package: str
    binary: bool = False
    fixed: str = ""
    fixed_too: tuple[str, ...] = ()
    available: bool = False
    severity: str = ""
    minor: str = ""
    about: str = ""
    aliases: tuple[str, ...] = ()
    address: str = ""
    architecture: str = ""


class AdvisoryFormat(Protocol):
    """How a publisher writes down what is known.

    *name*: what it is called. *publisher*: where such files come from. *manager*: of which kind the
    packages are, deb or rpm.
    """

    name: str
    publisher: str
    manager: str

    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with *head* is one of these."""

    def read(self, content: bytes, release: str) -> Iterator[Advisory]:
        """What *content* says of *release*, the code name of a release.

        Raises ValueError or LookupError for what is damaged, and ValueError with the reason if it
        does not know the release.
        """
