"""Which files may be scripts of the first boot."""

from pathlib import Path

import pytest

from appliance.bundle.sheet import Sheet, parse
from appliance.errors import RequestError, Where
from appliance.handover.sheets import sheet_of
from appliance.recipe.first_boot import BootScript, FirstBoot

BODY = "#!/bin/sh -eu\ntrue\n"


@pytest.fixture
def kickstart(tmp_path: Path) -> Path:
    """shop.ks in a directory of its own, with scripts; outside of it is another."""
    (tmp_path / "outside.sh").write_text(BODY)
    place = tmp_path / "own"
    (place / "boot").mkdir(parents=True)
    (place / "boot/10-a.sh").write_text(BODY)
    (place / "boot/b b.sh").write_text(BODY)
    (place / "boot/plain.sh").write_text("true\n")
    (place / "boot/windows.sh").write_bytes(b"#!/bin/sh\r\ntrue\r\n")
    (place / "boot/relative.sh").write_text("#!sh\n")
    (place / "boot/binary").write_bytes(b"\x7fELF\xff")
    (place / "link.sh").symlink_to(tmp_path / "outside.sh")
    return place / "shop.ks"


def read(kickstart: Path, text: str, *, named: bool = False) -> FirstBoot | None:
    sheet = kickstart.with_suffix(".toml")
    sheet.write_text(text)
    return sheet_of(kickstart, sheet if named else None, Sheet()).first_boot


def test_scripts_come_with_their_texts_in_order(kickstart: Path) -> None:
    found = read(
        kickstart,
        "[first-boot]\ncredentials = ['shop.mail']\nscripts = ['boot/10-a.sh', 'boot/10-a.sh']\n"
        "after = ['postgresql.service']\nbefore = ['shop.service']\n",
    )
    script = BootScript("10-a.sh", BODY)
    assert found == FirstBoot(
        ("boot/10-a.sh", "boot/10-a.sh"), ("shop.mail",), ("postgresql.service",),
        ("shop.service",), Where(kickstart.with_suffix(".toml"), 3), (script, script),
    )  # fmt: skip
    assert script.interpreter == "/bin/sh"


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("../outside.sh", "is not a file below"),
        ("link.sh", "is not a file below"),
        ("/bin/sh", "is not a file below"),
        ("boot", "is not a file below"),
        ("boot/none.sh", "cannot be read"),
        ("boot/b b.sh", "letters, digits"),
        ("boot/plain.sh", "by which program"),
        ("boot/relative.sh", "by which program"),
        ("boot/windows.sh", "line ends of Windows"),
        ("boot/binary", "not UTF-8"),
    ],
)
def test_what_cannot_be_a_script_is_told_with_its_line(
    kickstart: Path, file: str, problem: str, named: bool
) -> None:
    with pytest.raises(RequestError) as caught:
        read(kickstart, f"[first-boot]\nscripts = ['{file}']\n", named=named)
    assert f"'{file}'" in caught.value.problem
    assert problem in caught.value.problem
    assert caught.value.where == Where(kickstart.with_suffix(".toml"), 2)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("[first-boot]\n", 1, "needs its scripts"),
        ("[first-boot]\nscripts = []\n", 2, "names no script"),
        ("[first-boot]\nscripts = 'a'\n", 2, "must be a list"),
        ("[first-boot]\nscripts = [3]\n", 2, "must be a text"),
        ("[first-boot]\nscripts = ['a']\nafter = ['postgresql']\n", 3, "name of a unit"),
        ("[first-boot]\nscripts = ['a']\nbefore = ['a b.service']\n", 3, "name of a unit"),
        ("[first-boot]\nscripts = ['a']\ncredentials = ['a/b']\n", 3, "name of a credential"),
        ("[[first-boot]]\n", 1, "must be a table"),
        (
            "[first-boot]\nscripts = ['a']\nafter = ['b.path']\nbefore = ['b.path']\n",
            4,
            "b.path cannot start both before",
        ),
    ],
)
def test_a_sheet_says_it_in_the_words_of_systemd(text: str, line: int, problem: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse(text, Path("shop.toml"))
    assert problem in caught.value.problem
    assert caught.value.where == Where(Path("shop.toml"), line)


def test_an_image_that_is_converted_wants_no_scripts(kickstart: Path) -> None:
    sheet = kickstart.with_suffix(".toml")
    sheet.write_text("[first-boot]\nscripts = ['gone']\n")
    assert sheet_of(None, sheet, Sheet()).first_boot is not None
