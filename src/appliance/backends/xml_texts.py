"""Texts that XML can hold: it has no way to say most control characters (XML 1.0, 2.2)."""

import re

UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return *text* without the characters that XML cannot hold, and with line ends as XML has
    them: for what programs go by."""
    return UNSPEAKABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def shown(text: str) -> str:
    """Return *text* with a question mark for each character that XML cannot hold: for reports, in
    which nothing may look as if it had not been there."""
    return UNSPEAKABLE.sub("?", text)
