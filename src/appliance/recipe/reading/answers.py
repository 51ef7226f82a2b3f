"""What may become of a word of the kickstart language: honoured, noted, refused, or judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Noted:
    """A word that has no effect on an image, and why; the build says so once."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """A word with which a build would not do what the author asks: why, and what to try."""

    why: str
    hint: str = ""


@dataclass(frozen=True)
class Honoured:
    """A word that the image follows. It maps each option to what becomes of it, None if it is
    honoured; an option that is not in it is unknown."""

    options: Mapping[str, Noted | Refused | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A word that gives the recipe nothing: its options say whether it is noted or refused, *bare*
    what it is without any."""

    options: Mapping[str, Noted | Refused]
    bare: Noted | Refused


Answer = Honoured | Judged | Noted | Refused

INSTALLER = Noted("for an installer only: no meaning for an image")
IN_POST = "do it in %post"


def each(words: str, answer: Noted | Refused | None) -> dict[str, Noted | Refused | None]:
    """Map each of the *words*, which blanks separate, to *answer*."""
    return dict.fromkeys(words.split(), answer)
