"""What is tried after an accelerator that could not run a guest."""

import pytest

from appliance.boot.console import AcceleratorError
from appliance.boot.emulated_instead import instead
from appliance.errors import BootError
from appliance.host.accelerator import Accelerator, kvm


def test_each_accelerator_has_one_successor_and_then_it_ends() -> None:
    failure = AcceleratorError("it died")
    tried: list[Accelerator] = [kvm()]
    while len(tried) < 3:
        tried.append(instead(tried[-1], failure))

    assert [item.name for item in tried] == ["kvm", "tcg", "tcg"]
    assert "max,-cx16" in tried[1].arguments
    assert "max" in tried[2].arguments
    assert all("it died" in item.reason for item in tried[1:])
    with pytest.raises(BootError, match="it died"):
        instead(tried[-1], failure)
