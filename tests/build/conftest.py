"""Every test of this room leaves the machine as it found it."""

import pytest


@pytest.fixture(autouse=True)
def _untouched(quiet_host: None) -> None:
    """See quiet_host."""
