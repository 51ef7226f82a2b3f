"""Make room in a store by removing what has not been used for the longest time."""

import math
from dataclasses import dataclass
from pathlib import Path

from appliance.host.trees import remove
from appliance.store.results import Store

DIGEST = 64  # hexadecimal digits


@dataclass(frozen=True)
class _Prunable:
    used: float
    size: int
    path: Path


def prune(store: Store, *, keep: int, before: float = math.inf) -> int:
    """Remove results and package files, of those that were last of use *before* that time, until
    at most *keep* bytes are left; return the bytes freed.

    Raises HostError if a build is using the store.
    """
    with store.using(alone=True):
        store.sweep()
        items = [_Prunable(item.used, item.size, store.path(item.digest)) for item in store.kept()]
        for path in store.packages.iterdir():
            status = path.stat()
            items.append(_Prunable(status.st_mtime, status.st_size, path))
        left = sum(item.size for item in items)
        freed = 0
        for item in sorted(items, key=lambda item: item.used):
            if (keep and left - freed <= keep) or item.used >= before:
                break
            remove(item.path)
            freed += item.size
        for lock in store.locks.iterdir():  # nobody waits for these while we are alone
            if len(lock.name) == DIGEST:
                lock.unlink()
        if not keep:
            for state in ("apt", "dnf", "tools"):
                remove(store.place / state)
        return freed
