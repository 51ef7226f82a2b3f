"""Hand out what is left over to those that grow."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Growing:
    """Somebody who may get a share of what is left over; all numbers are in the same unit.

    *size*: what they have already.
    *weight*: the size in proportion to which shares are handed out.
    *maximum*: the most they may have; 0 means any number.
    *grows*: False if their size stays as it is.
    """

    size: int
    weight: int
    maximum: int
    grows: bool


def share(everybody: Sequence[Growing], spare: int) -> list[int]:
    """Return what each of *everybody* has when *spare* units are handed out: in proportion to
    their weights and up to their maximum; the first takes what no division can share."""
    sizes = [one.size for one in everybody]
    growing = [index for index, one in enumerate(everybody) if one.grows]
    while growing and spare:
        wanted = sum(max(everybody[index].weight, 1) for index in growing)
        shares = [spare * max(everybody[index].weight, 1) // wanted for index in growing]
        shares[0] += spare - sum(shares)
        full = []
        for index, more in zip(growing, shares, strict=True):
            maximum = everybody[index].maximum
            room = max(maximum - sizes[index], 0) if maximum else more
            sizes[index] += min(more, room)
            spare -= min(more, room)
            if more > room:
                full.append(index)
        if not full:
            break
        growing = [index for index in growing if index not in full]
    return sizes
