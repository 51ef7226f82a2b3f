"""What a product sheet may say of its brand, and what becomes of it."""

import base64
import struct
from pathlib import Path

import pytest

from appliance.bundle.model import Port, Product
from appliance.bundle.sheet import Sheet, parse
from appliance.errors import RequestError, Where
from appliance.handover.brands import brand_of, page
from appliance.handover.sheets import sheet_of
from appliance.recipe.brand import NEUTRAL, Brand, Logo
from pictures import png

PATH = Path("web.toml")
WHOLE = """\
[product]
name = "ACME Web"
version = "1.2"
vendor = "ACME"
url = "https://acme.example/web"

[brand]
id = "acme-web"
id-like = ["debian"]
colour = "#F1FAEE"
background = "#1d3557"
bugs = "mailto:bugs@acme.example"
variant = "Small"
"""


def test_a_brand_knows_its_line() -> None:
    brand = parse(WHOLE, PATH).brand
    assert brand == Brand(
        id="acme-web", id_like=("debian",), colour="#f1faee", background="#1d3557",
        bugs="mailto:bugs@acme.example", variant="Small", where=Where(PATH, 7),
    )  # fmt: skip


def test_a_sheet_without_a_brand_has_none() -> None:
    assert parse("[product]\nname = 'Web'\n", PATH).brand is None
    assert brand_of(Sheet(), "web") is None


def test_what_the_product_says_is_not_asked_twice() -> None:
    brand = brand_of(parse(WHOLE, PATH), "web")
    assert brand is not None
    assert (brand.name, brand.version, brand.vendor) == ("ACME Web", "1.2", "ACME")
    assert brand.home == "https://acme.example/web"
    assert brand.title == "ACME Web 1.2"


@pytest.mark.parametrize("word", ["version", "vendor"])
def test_where_the_product_says_it_is_told(word: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse(f"[brand]\n{word} = 'x'\n", PATH)
    assert caught.value.where == Where(PATH, 2)
    assert caught.value.hint == f"{word} in [product]"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('name = ""', "1 to 64 letters"),
        (f'name = "{"x" * 65}"', "1 to 64 letters"),
        ('name = "two\\nlines"', "one line"),
        ('name = "esc\\u001b[31m"', "control character"),
        ('id = "ACME Web"', "lower-case letters"),
        ('id-like = "debian"', "a list of texts"),
        ('id-like = ["Debian"]', "lower-case letters"),
        ('colour = "red"', "#rrggbb"),
        ('home = "acme.example"', "an address"),
        ('home = "https://a.example/$(id)"', "an address"),
        ('bugs = "javascript:alert(1)"', "an address"),
        ('remix = "yes"', "true or false"),
        ('release-package = "../x"', "the name of a package"),
        ('logo-file = "x.png"', "there is no 'logo-file'"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(line: str, problem: str) -> None:
    with pytest.raises(RequestError, match=problem) as caught:
        parse(f"[brand]\n\n{line}\n", PATH)
    assert caught.value.where == Where(PATH, 3)


def test_a_name_becomes_an_id() -> None:
    brand = brand_of(Sheet(brand=Brand(name="ACME Web & Co.")), "web")
    assert brand is not None
    assert brand.id == "acme-web-co"


def test_a_name_without_a_letter_of_an_id_needs_one() -> None:
    with pytest.raises(RequestError, match="no id can be made") as caught:
        brand_of(Sheet(brand=Brand(name="網站")), "web")
    assert 'id = "' in caught.value.hint


def test_unbrand_wins_over_the_sheet() -> None:
    assert brand_of(parse(WHOLE, PATH), "web", unbrand=True) == NEUTRAL


def test_the_web_page_is_where_a_port_serves_one() -> None:
    assert page((Port(80, "tcp", "http"), Port(443))) == "https://{}/"
    assert page((Port(8443, "tcp", "https"),)) == "https://{}:8443/"
    assert page((Port(80, "udp"), Port(22))) == ""


def sheet_with(place: Path, logo: str) -> Path:
    kickstart = place / "web.ks"
    kickstart.with_suffix(".toml").write_text(f'[brand]\nname = "ACME"\nlogo = "{logo}"\n')
    return kickstart


def test_a_picture_is_read(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(png(3, 2))
    brand = sheet_of(sheet_with(tmp_path, "logo.png"), None, Sheet()).brand
    assert brand is not None
    assert brand.logo == Logo(base64.b64encode(png(3, 2)).decode(), 3, 2)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: No such file"),
        (b"GIF89a", "is not a PNG"),
        (b"\x89PNG\r\n\x1a\n", "is not a PNG"),
        (png(1, 1)[:16] + struct.pack(">II", 5000, 1), "1 to 4096 pixels"),
        (png(1, 1)[:16] + bytes(8), "1 to 4096 pixels"),
        (png(1, 1) + bytes(256 * 1024), "longer than 256 KiB"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "logo.png").write_bytes(content)
    with pytest.raises(RequestError, match=problem) as caught:
        sheet_of(sheet_with(tmp_path, "logo.png"), None, Sheet())
    assert caught.value.where == Where(tmp_path / "web.toml", 3)


@pytest.mark.parametrize("logo", ["../logo.png", "/etc/passwd"])
def test_a_picture_outside_the_sheets_directory_is_refused(tmp_path: Path, logo: str) -> None:
    place = tmp_path / "in"
    place.mkdir()
    (tmp_path / "logo.png").write_bytes(png(1, 1))
    with pytest.raises(RequestError, match="is not a file below"):
        sheet_of(sheet_with(place, logo), None, Sheet())


def test_a_products_own_name_is_no_brand() -> None:
    assert brand_of(Sheet(product=Product(name="Web")), "web") is None
