"""What may become of a word of the kickstart language: honoured, noted, refused, or judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Noted:
    """Without effect on an image, for this reason; the build says so once."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """A build would not do what the author asks: why, and what to try."""

    why: str
    hint: str = ""


@dataclass(frozen=True)
class Honoured:
    """The image will be so. None: the option is honoured; options that are not here are unknown."""

    options: Mapping[str, Noted | Refused | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """Nothing for the recipe: noted or refused by its options, *bare* when it has none."""

    options: Mapping[str, Noted | Refused]
    bare: Noted | Refused


Answer = Honoured | Judged | Noted | Refused

INSTALLER = Noted("for an installer only: no meaning for an image")
IN_POST = "do it in %post"


def each(words: str, answer: Noted | Refused | None) -> dict[str, Noted | Refused | None]:
    """Map each of *words*, between spaces, to *answer*."""
    return dict.fromkeys(words.split(), answer)
