"""Lists of mirrors."""

import random

import pytest

from appliance.backends.package_managers.mirrors import parse_metalink, parse_mirrorlist
from appliance.errors import SourceError

METALINK = """<?xml version="1.0" encoding="utf-8"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic" pubdate="Mon, 23 Nov"
    generator="mirrormanager" xmlns:mm0="http://fedorahosted.org/mirrormanager">
  <files><file name="repomd.xml"><mm0:timestamp>1714564800</mm0:timestamp>
    <verification><hash type="sha256">ab</hash></verification>
    <resources maxconnections="1">
      <url protocol="http" type="http" location="DE" preference="90">{0}</url>
      <url protocol="rsync" type="rsync" preference="100">rsync://r/f/repodata/repomd.xml</url>
      <url protocol="https" type="https" location="DE" preference="{1}">{2}</url>
      <url protocol="https" type="https">https://last/f/repodata/repomd.xml</url>
      <url protocol="https" preference="100">https://other/f/repodata/primary.xml.gz</url>
    </resources></file></files></metalink>
"""
USUAL = METALINK.format("http://a/f/repodata/repomd.xml", "100", "https://b/f/repodata/repomd.xml")


def test_a_metalink_names_the_most_preferred_first() -> None:
    assert parse_metalink(USUAL.encode()) == ("https://b/f", "http://a/f", "https://last/f")


@pytest.mark.parametrize("preference", ["", "-5", "much", "²", "9" * 5000])
def test_a_strange_preference_is_the_least(preference: str) -> None:
    text = METALINK.format("http://a/f/repodata/repomd.xml", preference, "")
    assert parse_metalink(text.encode())[0] == "http://a/f"


def test_a_mirrorlist_is_taken_in_its_order() -> None:
    text = "# repo = base\n\nhttp://a/f/\r\n  https://b/f\nrsync://c\nhttp://a/f\nNo repo found\n"
    assert parse_mirrorlist(text) == ("http://a/f", "https://b/f")


def test_what_is_no_metalink_is_refused() -> None:
    for text in (b"", b"http://a/f\n", b"<html>", b"<a>" * 99_999):
        with pytest.raises(SourceError, match="the metalink cannot be read"):
            parse_metalink(text)
    assert parse_metalink(b"<html/>") == ()
    assert parse_mirrorlist("<html>\n") == ()


def test_entities_do_not_explode() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = USUAL.replace("<metalink", f'<!DOCTYPE m [<!ENTITY e0 "1">{bomb}]><metalink', 1)
    for place in ("DE", "http://a"):
        try:
            assert len(repr(parse_metalink(text.replace(place, "&e11;").encode()))) < 9999
        except SourceError:
            continue


def test_flipped_bits_are_our_error_and_no_other() -> None:
    dice = random.Random(1)
    for _ in range(2000):
        data = bytearray(USUAL.encode())
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        try:
            parse_metalink(bytes(data))
        except SourceError:
            continue
        parse_mirrorlist(data.decode(errors="replace"))
