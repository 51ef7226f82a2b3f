"""Make the pictures of the documentation: `make pictures`. Appliances are built, inspected, and
their reports looked at in the host's Chromium."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from appliance.host import command

TOP = Path(__file__).parents[1]
PLACE = TOP / "docs/pictures"
SCREEN = {"width": 1200, "height": 1130}
SHOWN = ("aos-debian", "shop-debian")  # of kickstarts/


def main(out: Path) -> None:
    """Make a picture of the report of each appliance, built into the directory *out*."""
    PLACE.mkdir(exist_ok=True)
    with browser_page() as page:
        for name in SHOWN:
            report = out / f"{name}.html"
            _appliance("build", f"kickstarts/{name}.ks", "--output", str(out))
            _appliance("inspect", str(out / name), "--html", str(report))
            page.goto(report.absolute().as_uri())
            page.screenshot(path=PLACE / f"inspect-{name}.png")
            print(PLACE / f"inspect-{name}.png")


def _appliance(*words: str) -> None:
    program = [sys.executable, "-m", "appliance", *words]
    command.run(program, directory=TOP, env={"PYTHONPATH": str(TOP / "src")})


@contextmanager
def browser_page() -> Iterator[Page]:
    """A page in the Chromium of this host, which reaches no network."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        # its sandbox needs more than root in a container has, and the pages are ours
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser.new_page(viewport=SCREEN, color_scheme="light", offline=True)  # type: ignore[arg-type]
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
