"""What a product sheet may say, and what it is told when it says something else."""

from pathlib import Path

import pytest

from appliance.bundle.model import Port, Product, Property
from appliance.bundle.sheet import Sheet, parse
from appliance.errors import RequestError, Where
from appliance.recipe.own_files import Copy, OwnFiles, ShownDirectory
from appliance.recipe.variables import Variable
from appliance.units import GIB

PATH = Path("web.toml")
WHOLE = """\
[product]
name = "Web"
version = "1.2"
vendor = "ACME"
eula-file = "EULA.txt"

[machine]
memory = "2GiB"
cpus = 2
firmware = "uefi"
disk-bus = "pvscsi"
display = false

[[port]]
number = 80
name = "http"

[[property]]
key = "admin-mail"
type = "string"
default = "root@localhost"
"""


def test_everything_goes_where_it_belongs() -> None:
    sheet = parse(WHOLE, PATH)
    assert (sheet.version, sheet.memory, sheet.cpus) == ("1.2", 2 * GIB, 2)
    assert (sheet.firmware, sheet.disk_bus, sheet.display) == ("uefi", "pvscsi", False)
    assert sheet.eula_file == "EULA.txt"
    assert sheet.product.name == "Web"
    assert sheet.product.version == "1.2"
    assert sheet.product.ports == (Port(80, "tcp", "http"),)
    assert sheet.product.properties == (Property("admin-mail", default="root@localhost"),)


def test_variables_are_declared_each_with_its_place() -> None:
    text = "[variables]\nHOST = { default = 'shop', description = 'its name' }\n"
    text += "[variables.PW]\nsecret = true\n"
    assert parse(text, PATH).variables == (
        Variable("HOST", "shop", "its name", where=Where(PATH, 2)),
        Variable("PW", secret=True, where=Where(PATH, 3)),
    )


FILES = """\
[files]
copy = [
    "shop:/opt/shop",
    "shop.conf:/etc/:0640:root:adm",
]
show = ["data"]
"""


def test_files_know_their_line_and_whose_they_are() -> None:
    path = Path("somewhere/web.toml")
    here = Path("somewhere")

    assert parse(FILES, path).files == OwnFiles(
        (
            Copy("shop", "/opt/shop", "", "", here, Where(path, 3)),
            Copy("shop.conf", "/etc/", "0640", "root:adm", here, Where(path, 4)),
        ),
        (ShownDirectory("data", here, Where(path, 6)),),
    )


def test_the_files_of_both_count_and_those_above_come_last() -> None:
    upper = Sheet(files=OwnFiles((Copy("b", "/x"),)))
    lower = Sheet(files=OwnFiles((Copy("a", "/x"),), (ShownDirectory("c"),)))
    merged = upper.over(lower).files

    assert [copy.source for copy in merged.copies] == ["a", "b"]
    assert merged.shown == (ShownDirectory("c"),)


def test_an_empty_sheet_says_nothing() -> None:
    assert parse("", PATH) == Sheet()


def test_who_is_above_wins_where_it_speaks() -> None:
    upper = Sheet(cpus=4, display=False, product=Product(vendor="us"))
    lower = Sheet(cpus=1, memory=GIB, display=True, product=Product(name="Web", vendor="them"))
    merged = upper.over(lower)
    assert (merged.cpus, merged.memory, merged.display) == (4, GIB, False)
    assert merged.product == Product(name="Web", vendor="us")


@pytest.mark.parametrize(
    ("text", "line", "problem", "hint"),
    [
        ("[machin]\n", 1, "no table 'machin'", "machine?"),
        ("[machine]\ncpus = 1\nmemroy = '1GiB'\n", 3, "no 'memroy'", "memory?"),
        ("[machine]\nmemory = 512\n", 2, "must be a text", ""),
        ("[machine]\nmemory = '512'\n", 2, "not a size", ""),
        ("[machine]\ncpus = 0\n", 2, "1 to 1024", ""),
        ("[machine]\ncpus = true\n", 2, "whole number", ""),
        ("[machine]\nfirmware = 'efi'\n", 2, "one of bios, uefi", ""),
        ("[files]\ncopy = 'a:/b'\n", 2, "a list of texts", ""),
        ("[files]\ncopy = ['a:b']\n", 2, "copy: 'a:b': this is not SOURCE:DEST", ""),
        ("[files]\nshow = [3]\n", 2, "must be a text", ""),
        ("[files]\nshow = ['']\n", 2, "one of its texts is empty", ""),
        ('[files]\nshow = ["a\\u0000"]\n', 2, "control character", ""),
        ("[files]\nshown = ['a']\n", 2, "no 'shown'", "show?"),
        ("machine = 3\n", 1, "must be a table", ""),
        ("[port]\nnumber = 1\n", 1, "[[port]]", ""),
        ("[[port]]\nname = 'x'\n", 1, "needs its number", ""),
        ("port = [3]\n", 1, "needs its number", ""),
        ("[[port]]\nnumber = 70000\n", 2, "1 to 65535", ""),
        ("[[property]]\nkey = 'a b'\n", 2, "letters", ""),
        ("[product]\nname = '''a\x07'''\n", 2, "not TOML", ""),
        ("[product]\n\nname = \n", 3, "not TOML", ""),
        ("[variables]\nHOST = 'shop'\n", 2, "'HOST' must be a table", "HOST = { default"),
        ("[variables]\nA-B = {}\n", 2, "letters, digits and _", ""),
        ("[variables]\nPATH = {}\n", 2, "scripts find something else", ""),
        ("[variables]\nHOST = { default = 3 }\n", 2, "default: it must be a text", ""),
        ("[variables.HOST]\nsecrte = true\n", 1, "no 'secrte' in [variables]", "secret?"),
        ("x = " + "9" * 5000, 1, "not TOML", ""),
        ("x = " + "[" * 100_000, 1, "not TOML", ""),
        ("# " + "x" * (1 << 20), 1, "too large", ""),
    ],
)
def test_what_cannot_be_is_told_with_its_line(
    text: str, line: int, problem: str, hint: str
) -> None:
    with pytest.raises(RequestError) as caught:
        parse(text, PATH)
    assert caught.value.where is not None
    assert (caught.value.where.path, caught.value.where.line) == (PATH, line)
    assert problem in caught.value.problem
    assert hint in caught.value.hint
