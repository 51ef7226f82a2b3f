"""Who follows the pages for us types what they show, and says where they are wrong."""

from pathlib import Path

import pytest

from reader import Reader


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path, cache=tmp_path, given={"GIVEN": "--expand 3"})


def follow(reader: Reader, text: str) -> None:
    page = reader.place / "page.md"
    page.write_text(text)
    reader.follow(page)


def failed(reader: Reader, text: str) -> str:
    with pytest.raises(pytest.fail.Exception) as caught:
        follow(reader, text)
    return str(caught.value)


def test_blocks_are_typed_in_order_with_files_and_settings(reader: Reader) -> None:
    follow(
        reader,
        "```\nNAME=one\ncat > a <<'END'\n$NAME\nEND\n```\n"
        '<!-- file: b/c.sh -->\n```sh\n#!/bin/sh\necho "$1"\n```\n'
        "```\nb/c.sh $NAME \\\n  >> a        # said\n```\n"
        "<!-- also run: ! cat nothing -->\n"
        "<!-- run with: $GIVEN >> a -->\n```\nappliance --version # of ours\n```\n"
        "<!-- not run: nobody has it -->\n```\nfalse\n```\n",
    )
    said = (reader.place / "a").read_text()
    assert said.startswith("$NAME\none\nappliance-tools ")


def test_a_failure_names_page_line_command_and_what_was_said(reader: Reader) -> None:
    told = failed(reader, "Words.\n\n```\ntrue\nls -d . nowhere | cat\ntouch never\n```\n")
    assert told.startswith("page.md:5: ls -d . nowhere | cat\nended with status 2:\n.\n")
    assert "'nowhere': No such file" in told
    assert not (reader.place / "never").exists()


def test_another_output_than_the_one_that_is_shown_is_a_failure(reader: Reader) -> None:
    page = "```\nprintf '%s\\n' a: 'one 5' two three\n```\n<!-- output -->\n```\n{}\n```\n"
    follow(reader, page.format("one …\ntwo"))
    assert failed(reader, page.format("one …\nthree")).startswith("page.md:6: one …\nthree\n")


def test_a_machine_that_does_not_start_is_a_failure(reader: Reader) -> None:
    told = failed(reader, "```\nappliance run nothing.qcow2\n```\n")
    assert told.startswith("page.md:2: appliance run nothing.qcow2\nno 'login: '")
    assert "nothing.qcow2" in told.splitlines()[-1]
