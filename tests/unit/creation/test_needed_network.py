"""Scripts that are to have a network of their own need a program that gives them one."""

from dataclasses import replace

import pytest

from appliance.creation.network_of_scripts import have_network
from appliance.errors import HostError
from appliance.host import script_network
from appliance.steps.run_script import RunScript


def test_a_machine_that_can_give_no_network_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(script_network.shutil, "which", lambda name, path: None)
    step = RunScript("post-1", (), "", "/bin/sh", network="own", section="post")

    with pytest.raises(HostError) as caught:
        have_network((step,))
    have_network((replace(step, network="host"), replace(step, network="")))

    assert "install passt or slirp4netns" in caught.value.hint
