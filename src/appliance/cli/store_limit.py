"""How large the store may become, and what goes away after a build if it is larger."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from appliance.errors import HostError, RequestError
from appliance.events import Emit, Noted
from appliance.host import probe
from appliance.store.prune import prune
from appliance.store.results import Store
from appliance.units import GIB, parse_size, show

VARIABLE = "APPLIANCE_STORE_LIMIT"
TICK = 1  # second by which the times of files may be behind the clock
MOST, SHARE = 20 * GIB, 5  # at most that, and a fifth of the disk


def limit(place: Path) -> int:
    """Bytes that the store at *place* may hold between builds: what the environment says, else a
    fifth of its disk, at most 20 GiB.

    Raises RequestError if the environment says no size.
    """
    said = os.environ.get(VARIABLE, "")
    if not said:
        return min(MOST, probe.disk_size(place) // SHARE)
    try:
        return parse_size(said)
    except ValueError as error:
        raise RequestError(f"{VARIABLE}: {error}", hint=f"{VARIABLE}=20GiB") from None


@contextmanager
def within_limit(place: Path, emit: Emit) -> Iterator[None]:
    """Let a build go on; afterwards remove the longest unused from the store at *place* until its
    limit is kept. What this build made or used stays, and everything while another build runs."""
    most, began = limit(place), time.time() - TICK
    yield
    with suppress(HostError):  # others are building: the last of them makes room
        if freed := prune(Store(place), keep=most, before=began):
            emit(Noted(f"the store had grown above {show(most)}: {show(freed)} of it are removed"))
