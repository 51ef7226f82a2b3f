"""--mkfsoptions: what a stranger's kickstart may say to mkfs."""

from pathlib import Path

import pytest

from appliance.backends.filesystems import KNOWN
from appliance.backends.filesystems.model import options_checked
from appliance.errors import RecipeError, Where

HERE = Where(Path("a.ks"), 7)


@pytest.mark.parametrize("text", ["", "-m 1", "-E stride=4,stripe_width=8 -O ^64bit", "-J size=8"])
def test_what_shapes_the_filesystem_is_passed_on(text: str) -> None:
    assert options_checked(text, KNOWN["ext4"].options, HERE) == tuple(text.split())


@pytest.mark.parametrize(
    "text", ["-d /etc", "-z /root/undo", "-E offset=0", "-J device=/dev/sda", "-m", "-qd /etc"]
)
def test_what_reads_writes_or_moves_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RecipeError, match="a.ks:7|is not for an image") as caught:
        options_checked(text, KNOWN["ext4"].options, HERE)

    assert caught.value.where == HERE
