"""$SOURCE_DATE_EPOCH: seconds since 1970, or a mistake."""

import pytest

from appliance.errors import HostError
from appliance.host.clock import source_date_epoch


@pytest.mark.parametrize(("text", "seconds"), [(None, 0), ("", 0), ("7", 7)])
def test_source_date_epoch(text: str | None, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    if text is not None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    assert source_date_epoch() == seconds


@pytest.mark.parametrize("text", ["today", "-1", "1.5", "²"])
def test_a_date_that_is_no_number(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)

    with pytest.raises(HostError, match="SOURCE_DATE_EPOCH"):
        source_date_epoch()
