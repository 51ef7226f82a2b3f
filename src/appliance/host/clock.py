"""The moment that whoever calls us wants everything to be made at."""

import os

from appliance.errors import HostError


def source_date_epoch() -> int:
    """$SOURCE_DATE_EPOCH, or 0; raises HostError if it is not a number."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if text and not text.isdecimal():
        raise HostError(f"SOURCE_DATE_EPOCH is '{text}', not seconds since 1970")
    return int(text or 0)
