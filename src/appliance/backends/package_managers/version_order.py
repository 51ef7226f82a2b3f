"""Which of two versions of a package is newer, in the order of its package manager."""

from collections.abc import Callable

from appliance.backends.libraries import library

DEB, RPM = "deb", "rpm"


def older(one: str, other: str, kind: str) -> bool:
    """Whether *one* is older than *other*; *kind* is DEB (deb-version(7)) or RPM
    (rpm-version(7)). A version that is none is older than any.

    Raises HostError if a library is missing."""
    return _key(one, kind) < _key(other, kind)


def _key(version: str, kind: str) -> tuple[bool, object]:
    try:
        return True, _readers()[kind](version)
    except ValueError:
        return False, version


def _readers() -> dict[str, Callable[[str], object]]:
    return {
        DEB: library("univers.debian").Version.from_string,
        RPM: library("univers.rpm").RpmVersion.from_string,
    }
