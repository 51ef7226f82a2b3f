"""`virt-image`: how it ends where there is nothing to start."""

from pathlib import Path

import pytest
from as_typed import Typed

from appliance.cli import virt_image


@pytest.mark.parametrize(
    ("text", "says"),
    [(None, "virt-image: "), ("no XML\n", "virt-image: web.xml:1: "), ("<x/>\n", "virt-image: ")],
)
def test_what_describes_nothing(typed: Typed, tmp_path: Path, text: str | None, says: str) -> None:
    if text:
        (tmp_path / "web.xml").write_text(text)
    ended = typed("web.xml", "--print", program=virt_image.main)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(says)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--hvm", "--paravirt"], "not allowed with argument --hvm"),
        (["--nonetworks", "-b", "br0"], "--nonetworks and networks"),
        (["--vnc", "--sdl"], "one kind of graphics is enough"),
        (["-m", "52"], "--mac 52: '52' is no MAC address\n  try: 52:54:00:12:34:56"),
    ],
)
def test_words_that_exclude_each_other(typed: Typed, words: list[str], says: str) -> None:
    ended = typed("web.xml", *words, program=virt_image.main)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
