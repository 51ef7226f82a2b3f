"""The list of a repository's metadata files."""

import random
from pathlib import Path

import pytest

from appliance.backends.package_managers import repomd
from appliance.errors import SourceError

TEXT = b"""<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">
  <revision>1714564800</revision>
  <data type="primary">
    <checksum type="sha256">ab</checksum>
    <location href="repodata/ab-primary.xml.gz"/>
    <timestamp>1714564800</timestamp>
    <size>1234</size>
  </data>
  <data type="group">
    <location href="repodata/cd-comps.xml"/>
    <timestamp>1714564801.57</timestamp>
  </data>
</repomd>
"""


def test_files_are_known_by_their_kind() -> None:
    listed = repomd.parse(TEXT)
    assert set(listed.records) == {"primary", "group"}
    assert listed.records["primary"].location == "repodata/ab-primary.xml.gz"
    assert listed.date == 1714564801


def test_nothing_listed_is_no_error_yet() -> None:
    listed = repomd.parse(b'<repomd xmlns="http://linux.duke.edu/metadata/repo"/>')
    assert (dict(listed.records), listed.date) == ({}, 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<location href="repodata/cd-comps.xml"/>', b""),
        (b'href="repodata/cd-comps.xml"', b'href=""'),
        (b'href="repodata/cd-comps.xml"', b'href="repodata/.."'),
        (b'href="repodata/cd-comps.xml"', b'href="/"'),
        (b"1714564801.57", b"yesterday"),
        (b"1714564801.57", "²".encode()),
        (b"1714564801.57", b"-5"),
        (b"1714564801.57", b"9" * 5000),
    ],
)
def test_a_record_that_cannot_be_used_is_refused(old: bytes, new: bytes) -> None:
    assert old in TEXT
    with pytest.raises(SourceError, match=r"repomd\.xml lists a file without a place or with a"):
        repomd.parse(TEXT.replace(old, new))


@pytest.mark.parametrize("text", [b"", b"<html>Welcome!</html", b"\xff" * 99, b"<a>" * 99_999])
def test_what_is_not_xml_is_refused(text: bytes) -> None:
    with pytest.raises(SourceError, match=r"repomd\.xml cannot be read"):
        repomd.parse(text)


def test_entities_neither_explode_nor_read_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("1714564899")
    bomb = "".join(
        f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' if number else '<!ENTITY e0 "1111">'
        for number in range(12)
    )
    for entities, use in ((bomb, "&e11;"), (f'<!ENTITY e SYSTEM "{secret.as_uri()}">', "&e;")):
        text = TEXT.replace(b"<repomd", f"<!DOCTYPE repomd [{entities}]><repomd".encode(), 1)
        for place in (b"1714564801.57", b"repodata/cd-comps.xml"):
            try:
                listed = repomd.parse(text.replace(place, use.encode()))
            except SourceError:
                continue
            assert "1714564899" not in repr(listed)


def test_flipped_bits_are_our_error_and_no_other() -> None:
    dice = random.Random(1)
    for _ in range(2000):
        text = bytearray(TEXT)
        text[dice.randrange(len(text))] ^= 1 << dice.randrange(8)
        try:
            repomd.parse(bytes(text[: dice.choice((len(text), dice.randrange(len(text))))]))
        except SourceError:
            continue


def test_a_time_that_no_clock_shows_is_refused() -> None:
    with pytest.raises(SourceError, match="strange time"):
        repomd.parse(TEXT.replace(b"1714564801.57", str(2**32 + 1).encode()))
