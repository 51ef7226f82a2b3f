"""What people write that the language no longer has: understood, and said once a kind."""

from pathlib import Path

import pytest

from appliance.errors import RequestError
from appliance.recipe.overrides import Overrides, Reading
from appliance.recipe.reading.load import problems

ROOT = "part / --size=1024\n"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("bootloader extlinux --timeout=3\n", "bootloader extlinux: write --extlinux"),
        ("bootloader --disable\n", "bootloader --disable: write --disabled"),
        ("part /srv --size=9 --start=63\n", "part --start: leave it out"),
        ("url --baseurl=http://h.invalid/\n", "url --baseurl: write --url"),
        ("rootpw --iscrypted nope\n", "rootpw --iscrypted with no hash: write rootpw --lock"),
        ("%post\ntrue\n", "the section %post has no %end"),
        ("%packages\na\n%post\ntrue\n%end\n", "the section %packages has no %end"),
    ],
)
def test_it_is_understood_and_said(tmp_path: Path, text: str, advice: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(ROOT + text)

    found, recipe = problems(file)

    assert not found
    assert recipe is not None
    assert recipe.notes[0].text.startswith(advice)


def test_each_kind_is_said_once_with_how_often_and_where_first(tmp_path: Path) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}part /a --size=9 --start=1\npart /b --size=9 --start=2\n")

    _, recipe = problems(file)

    assert recipe is not None
    [note] = recipe.notes
    assert note.text.endswith("(2 times)")
    assert note.where.line == 2


def test_old_encodings_are_taken_for_latin_1(tmp_path: Path) -> None:
    file = tmp_path / "x.ks"
    file.write_bytes(ROOT.encode() + b"# d\xe9j\xe0 vu\n")

    _, recipe = problems(file)

    assert recipe is not None
    assert "Latin-1" in recipe.notes[0].text
    assert recipe.notes[0].where.line == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bootloader extlinux\n", "unrecognized arguments: extlinux"),
        ("install\n", "install"),
        ("%post\ntrue\n", "has no %end"),
        ("%packages --nobase\n%end\n", "%packages: unrecognized arguments: --nobase"),
    ],
)
def test_a_strict_reader_has_none_of_it(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(ROOT + text)

    found, _ = problems(file, Overrides(strict="F41"))

    assert words in found[0].problem


def test_there_is_no_such_release(tmp_path: Path) -> None:
    file = tmp_path / "x.ks"
    file.write_text(ROOT)
    with pytest.raises(RequestError, match="no release is called so"):
        problems(file, Overrides(strict="F1234"))


def test_includes_come_from_other_directories_and_from_the_network(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/more.ks").write_text("lang cs_CZ.UTF-8\n")
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}%include more.ks\n%ksappend https://h.invalid/y.ks\n")
    texts = {"https://h.invalid/y.ks": "keyboard cz\n"}
    reading = Reading(include_paths=(tmp_path / "other",), fetch=texts.__getitem__)

    found, recipe = problems(file, Overrides(reading=reading))

    assert not found
    assert recipe is not None
    assert recipe.settings.language == "cs_CZ.UTF-8"
    assert recipe.settings.keymap == "cz"


@pytest.mark.parametrize(
    "line",
    ["rootpw ${PASSWORD}", "rootpw $PASSWORD", "network --hostname=@HOST_NAME@", "lang {{ lang }}",
     "timezone <%= zone %>", "part /srv --size=%%SIZE%%"],
)  # fmt: skip
def test_a_template_is_told_from_a_kickstart(tmp_path: Path, line: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}{line}\n")

    [problem], _ = problems(file)

    assert "is a placeholder: this kickstart is a template" in problem.problem


@pytest.mark.parametrize(
    "line",
    ["rootpw --iscrypted $6$salt$" + "a" * 86, "url --url=http://h.invalid/$releasever/$basearch/os",
     "bootloader --append='console=ttyS0 x=$y'"],
)  # fmt: skip
def test_a_hash_and_an_address_are_no_template(tmp_path: Path, line: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}{line}\n")

    assert problems(file)[0] == []


def test_an_include_that_pre_makes_is_told_from_a_missing_one(tmp_path: Path) -> None:
    file = tmp_path / "x.ks"
    file.write_text(
        f"{ROOT}# disk.ks is elsewhere\n%include disk.ks\n%include made.ks\n"
        "%pre\necho x > made.ks\n%end\n"
    )

    found, _ = problems(file)

    assert [error.where.line if error.where else 0 for error in found] == [3, 4]
    assert "there is no file to include" in found[0].problem
    assert found[1].problem == "a %pre can leave files in /tmp only, not made.ks"
    assert found[1].hint == "/tmp/made.ks"
