"""Distributions whose archives look like those of a family that is known, and that are not made
here: told by name, so that nobody gets an image that does not start."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unsupported:
    """A distribution that is not made here.

    *title*: its name for people.
    *origin*: what its Release files say as their Origin.
    *suites*: the suites that only this distribution has.
    *why*: the reason why it is not made.
    *hint*: what to do instead.
    """

    title: str
    origin: str
    suites: tuple[str, ...]
    why: str
    hint: str


UNSUPPORTED = (
    Unsupported(
        "Devuan",
        "Devuan",
        ("beowulf", "chimaera", "daedalus", "excalibur", "freia", "ceres"),
        "its init is not systemd, which services, network and host keys are set up for",
        "repo --name=debian-trixie",
    ),
)


def by_suite(suite: str) -> Unsupported | None:
    """The distribution that *suite* (daedalus-updates) is a suite of, if it is among these."""
    codename = suite.partition("-")[0].partition("/")[0]
    return next((item for item in UNSUPPORTED if codename in item.suites), None)


def by_origin(origin: str) -> Unsupported | None:
    """The distribution whose Release files say *origin*, if it is among these."""
    return next((item for item in UNSUPPORTED if origin == item.origin), None)
