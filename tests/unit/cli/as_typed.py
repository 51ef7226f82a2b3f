"""How a command ended that a test typed."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ended:
    """A command's exit code, and what it printed."""

    code: int
    out: str
    err: str


Typed = Callable[..., Ended]
