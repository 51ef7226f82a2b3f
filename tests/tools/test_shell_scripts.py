"""shellcheck has nothing to say of the scripts that we write into plans and images."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends import brands
from appliance.backends.families import KNOWN
from appliance.backends.families.shell import first_boot, growing, rpm_boot
from appliance.backends.package_managers import apt
from appliance.host import kernel_machine
from appliance.recipe.brand import NEUTRAL, Brand, Logo
from appliance.recipe.image import Image
from appliance.steps import script_surroundings

PLANS = Path(__file__).parents[1] / "plans"
KICKSTARTS = Path(__file__).parents[2] / "kickstarts"
MODULES = (first_boot, growing, rpm_boot, apt, script_surroundings)


def of_plans() -> set[str]:
    """The scripts of all golden plans that are ours, not an author's."""
    steps = [
        step
        for plan in PLANS.rglob("*.json")
        for step in json.loads(plan.read_text())["steps"]
        if step["kind"] == "RunScript" and not step["fields"].get("section")
    ]
    return {step["fields"]["body"] for step in steps}


def of_constants() -> set[str]:
    """The programs that are constants of the modules which write them."""
    words = {"clock": 0, "modules": "/a.ko /b.ko", "disks": "/dev/vda /dev/vdb", "patience": 20}
    found = {kernel_machine.INIT.format(**words, begin="begins", status="status")}
    for module in MODULES:
        for value in vars(module).values():
            texts = value.values() if isinstance(value, dict) else [value]
            found |= {text for text in texts if isinstance(text, str) and text.startswith("#!")}
    return found


def of_brands() -> set[str]:
    """What gives a system its name, in every way and with everything that can be said."""
    brand = Brand(
        "A 'Web'", "a", version="1", vendor="A", home="https://a.example/", colour="#ffffff",
        banner="Hello", logo=Logo("aGVsbG8=", 1, 1), release_package="a-release",
    )  # fmt: skip
    said = (brand, replace(brand, release_package=""), NEUTRAL)
    families = [KNOWN[name] for name in ("debian", "fedora", "rocky")]
    return {
        brands.KNOWN[family.marks.way].script(each, Image("a"), family)
        for family in families
        for each in said
    } - {""}


def complaints(scripts: set[str], place: Path) -> str:
    files = []
    for number, script in enumerate(sorted(scripts)):
        files.append(place / f"{number}.sh")
        files[-1].write_text(script)
    words = ["shellcheck", "--shell=sh", "--severity=warning", "--format=gcc"]
    words += ["--exclude=SC2043"]  # a list that we write may have one word
    asked = subprocess.run([*words, *files], capture_output=True, text=True, check=False)
    assert not asked.stderr
    return asked.stdout


def test_the_scripts_of_the_golden_plans(tmp_path: Path) -> None:
    scripts = of_plans()
    assert len(scripts) > 80
    assert not complaints(scripts, tmp_path)


def test_the_programs_that_are_written_into_images(tmp_path: Path) -> None:
    scripts = of_constants()
    assert len(scripts) >= 4
    assert not complaints(scripts, tmp_path)


def test_the_scripts_of_brands(tmp_path: Path) -> None:
    assert not complaints(of_brands(), tmp_path)


@pytest.mark.parametrize("mistake", ["if [ $x = 1 ]; then echo", "cd /nowhere\nrm -rf *\n"])
def test_a_mistake_is_found(mistake: str, tmp_path: Path) -> None:
    assert complaints({mistake}, tmp_path)


def test_the_scripts_of_the_shipped_kickstarts(tmp_path: Path) -> None:
    scripts = {path.read_text() for path in KICKSTARTS.rglob("*.sh")}
    assert len(scripts) > 3
    assert not complaints(scripts, tmp_path)
