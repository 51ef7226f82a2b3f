"""The web page of a report in a real browser: no script error, no violation that axe-core finds,
no request to anywhere, readable on a phone, and what is clicked happens."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from appliance.inspection.pages.model import Block, Bytes, Map, Report, Table
from appliance.inspection.pages.page import page

HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>\x1b[31m"
SIZES = (
    ("chromium", 300),
    ("linux", 200),
    ("python3", 90),
    ("perl", 60),
    (HOSTILE, 40),
    ("sed", 1),
)
PACKAGES = Block(
    "all", 691 << 20, tuple(Block(name, size << 20, about="deb") for name, size in SIZES)
)
USR = Block("usr", 600 << 20, (Block("bin", 200 << 20), Block("lib", 400 << 20)))
REPORT = Report(
    title=f"web 1.2 {HOSTILE}",
    summary=(("System", "Debian GNU/Linux 13 (trixie)"), ("Kernel", "6.12.48"), ("Odd", HOSTILE)),
    maps=(
        Map("packages", PACKAGES),
        Map("directories", Block("/", 691 << 20, (USR, Block("var", 91 << 20)))),
    ),
    tables=(
        Table(
            "packages", "Packages", ("Name", "Version", "Size"),
            tuple((name, f"1.{size}-1", Bytes(size << 20)) for name, size in SIZES * 3),
        ),
        Table("ports", "Ports", ("Port", "Unit"), ((22, "ssh.socket"), (80, HOSTILE))),
        Table("changed", "Changed files", (), (), "No file of a package was changed."),
    ),
)  # fmt: skip
SCREENS = {"phone": (390, 844), "desk": (1280, 900)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        # Debian's own: its sandbox needs more than root in a container has, and the page is ours
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@pytest.fixture(params=[("phone", "light"), ("desk", "dark")])
def seen(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    screen, scheme = request.param
    width, height = SCREENS[screen]
    view = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, offline=True
    )
    wrong: list[str] = []
    view.on("pageerror", lambda error: wrong.append(str(error)))
    view.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    view.on("dialog", lambda dialog: wrong.append(dialog.message))
    view.on("request", lambda asked: wrong.append(asked.url) if asked.url != view.url else None)
    file = tmp_path / "report.html"
    file.write_text(page(REPORT))
    view.goto(file.as_uri())
    wrong.clear() if wrong == [file.as_uri()] else None
    yield view
    view.screenshot(path=tmp_path / f"{screen}-{scheme}.png", full_page=True)
    view.close()
    assert wrong == []


def test_nothing_is_wrong_with_it(seen: Page) -> None:
    found = Axe().run(seen)
    assert found.violations_count == 0, found.generate_report()
    assert seen.title().startswith("web 1.2 </script>")
    assert "\x1b" not in seen.content()
    across, wide = seen.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert across <= wide, "the page is wider than the screen"
    seen.emulate_media(color_scheme="dark" if seen.viewport_size["width"] < 1000 else "light")  # type: ignore[index]
    assert Axe().run(seen).violations_count == 0


def test_tiles_are_as_large_as_what_they_stand_for(seen: Page) -> None:
    boxes = {
        tile.get_attribute("title").split(",")[0]: tile.bounding_box()  # type: ignore[union-attr]
        for tile in seen.query_selector_all(".tile")
    }
    areas = {name: box["width"] * box["height"] for name, box in boxes.items() if box}
    assert areas["chromium"] / areas["python3"] == pytest.approx(300 / 90, rel=0.05)
    assert len(boxes) == len(SIZES)


def test_one_goes_into_a_directory_and_back(seen: Page) -> None:
    seen.click("text=directories")
    seen.click(".tile[title^='usr,']")
    assert seen.inner_text("#path").split(" \u203a ") == ["/", "usr \u00b7 600 MiB"]
    assert [tile.get_attribute("title") for tile in seen.query_selector_all(".tile")] == [
        "lib, 400 MiB", "bin, 200 MiB",
    ]  # fmt: skip
    assert Axe().run(seen).violations_count == 0
    seen.click("#path button")
    assert len(seen.query_selector_all(".tile")) == 2


def test_a_table_is_sorted_and_searched(seen: Page) -> None:
    table = "table[data-name=packages]"
    first = f"{table} tbody tr:first-child td:first-child"
    seen.click(f"{table} th:nth-child(3) button")
    assert seen.inner_text(first) == "sed"
    seen.click(f"{table} th:nth-child(3) button")
    assert seen.inner_text(first) == "chromium"
    assert seen.get_attribute(f"{table} th:nth-child(3)", "aria-sort") == "descending"
    seen.fill("input[data-table=packages]", "PERL")
    assert len(seen.query_selector_all(f"{table} tbody tr:visible")) == 3
