"""Texts of strangers in XML: a parser takes whatever is left of them."""

from lxml import etree

from appliance.backends.xml_texts import clean, shown

ODD = "a\x00b\x1b[1mc\r\nd\ud800e\ufffff\U0001f600"


def test_what_xml_cannot_say_is_left_out_for_programs() -> None:
    assert clean(ODD) == "ab[1mc\ndef\U0001f600"


def test_what_xml_cannot_say_is_a_question_mark_for_people() -> None:
    assert shown(ODD) == "a?b?[1mc\r\nd?e?f\U0001f600"


def test_every_control_character_ends_as_xml() -> None:
    text = "".join(map(chr, range(0x100)))
    for written in (clean(text), shown(text)):
        element = etree.Element("said")
        element.text = written
        assert etree.fromstring(etree.tostring(element)).text == written.replace("\r\n", "\n")
