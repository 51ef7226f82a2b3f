"""Every page of the documentation on which appliances are built, typed in a checkout."""

import shlex
from contextlib import suppress
from pathlib import Path

import pytest

from appliance.host.accelerator import choose
from documentation import FIRST, TUTORIAL, named, with_commands
from reader import Reader

# What a page may say behind `run with`: how to build these from a mirror of the tests.
RPM = {"AS_FEDORA": "aos-fedora", "AS_CENTOS": "aos-centos-stream"}
# What the tutorial promises of a machine with KVM.
PROMISED_LINES, PROMISED_SECONDS = 15, 600


@pytest.mark.slow
@pytest.mark.parametrize("page", with_commands(built=True), ids=named)
def test_a_page_can_be_followed(
    page: Path, tmp_path: Path, appliances: Path, request: pytest.FixtureRequest
) -> None:
    given = {}
    if "$AS_FEDORA" in page.read_text():
        words = request.getfixturevalue("rpm_words")
        given = {name: shlex.join(words[kickstart]) for name, kickstart in RPM.items()}
        given["FEDORA"] = words["aos-fedora"][1]
    (appliances / "store").mkdir(exist_ok=True)
    with suppress(FileExistsError):
        (appliances / "appliance").symlink_to("store")
    reader = Reader(tmp_path, cache=appliances, given=given)
    reader.follow(FIRST)
    reader.took.clear()
    reader.follow(page)
    if page == TUTORIAL:
        assert len(reader.took) <= PROMISED_LINES
        lines = [f"{seconds:6.1f} s  {typed.text}" for typed, seconds in reader.took]
        most = PROMISED_SECONDS * choose().time_scale
        assert sum(seconds for _, seconds in reader.took) < most, "\n".join(lines)
