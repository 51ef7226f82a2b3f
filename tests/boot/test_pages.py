"""Every page of the documentation, typed from its first block to its last in a checkout."""

import shlex
from contextlib import suppress
from pathlib import Path

import pytest

from documentation import ALSO, FIRST, FOLLOWED, TOP, TYPED, parts
from reader import Reader

# What a page may say behind `run with`: the mirrors of tests/boot/test_rpm_appliances.py.
MIRRORS = {"AS_FEDORA": "aos-fedora", "AS_CENTOS": "aos-centos-stream"}
WITH_COMMANDS = [
    page
    for page in FOLLOWED
    if page != FIRST and {part.way() for part in parts(page)} & {TYPED, ALSO}
]


def named(page: Path) -> str:
    return str(page.relative_to(TOP))


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_COMMANDS, ids=named)
def test_a_page_can_be_followed(
    page: Path, tmp_path: Path, appliances: Path, request: pytest.FixtureRequest
) -> None:
    given = {}
    if any(part.said.startswith("$AS_") for part in parts(page)):
        words = request.getfixturevalue("rpm_words")
        given = {name: shlex.join(words[kickstart]) for name, kickstart in MIRRORS.items()}
    (appliances / "store").mkdir(exist_ok=True)
    with suppress(FileExistsError):
        (appliances / "appliance").symlink_to("store")
    reader = Reader(tmp_path, cache=appliances, given=given)
    reader.follow(FIRST)
    reader.follow(page)
