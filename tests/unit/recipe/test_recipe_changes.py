"""What the command line changes of a kickstart: the host's name, packages, scripts, identity."""

from pathlib import Path

import pytest

from appliance.backends.families.shell.image import image_script
from appliance.errors import RecipeError, Where
from appliance.recipe.image import Image, identified
from appliance.recipe.overrides import Overrides
from appliance.recipe.reading.load import load, problems
from appliance.recipe.reading.scripts import of_file

TEXT = """\
part / --size=1024
network --hostname=old
%packages
vim
-nano
%end
%post
first
%end
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_what_is_typed_comes_after_what_is_written(tmp_path: Path) -> None:
    script = of_file("#!/usr/bin/python3 -I\nprint()\n", Path("own.py"))
    recipe = load(
        write(tmp_path / "x.ks", TEXT),
        overrides=Overrides(
            hostname="new.example",
            packages=("nano", "@web", "htop"),
            scripts=(script,),
            image=Image("x", "2"),
        ),
    )
    assert recipe.settings.hostname == "new.example"
    assert [each.name for each in recipe.packages.names] == ["vim", "nano", "htop"]
    assert [each.name for each in recipe.packages.groups] == ["web"]
    assert recipe.packages.excluded == ()
    assert [each.body for each in recipe.scripts] == ["first\n", script.body]
    assert recipe.image == Image("x", "2")


def test_a_script_runs_by_what_its_first_line_names_and_must_not_fail() -> None:
    script = of_file("#!/usr/bin/python3 -I\nprint()\n", Path("own.py"))
    assert (script.interpreter, script.error_on_fail) == ("/usr/bin/python3 -I", True)
    assert (script.chroot, script.section, script.where) == (True, "post", Where(Path("own.py"), 0))
    assert of_file("true\n", Path("own")).interpreter == "/bin/sh"


def test_what_is_wrong_with_a_typed_package_names_the_option(tmp_path: Path) -> None:
    found, _ = problems(write(tmp_path / "x.ks", TEXT), Overrides(packages=("a b",)))
    assert isinstance(found[0], RecipeError)
    assert str(found[0]).startswith("--install: 'a b' is not the name of a package")


@pytest.mark.parametrize(
    ("name", "identity"),
    [("web", "web"), ("Web Server", "web-server"), ("_a.b-1", "_a.b-1"), ("Ω", "image")],
)
def test_an_identity_has_the_signs_that_os_release_allows(name: str, identity: str) -> None:
    assert identified(name, "") == Image(identity)


def test_os_release_has_no_version_that_nobody_said() -> None:
    assert "printf 'IMAGE_ID=web\\n'" in image_script(Image("web"))
    assert "printf 'IMAGE_ID=web\\nIMAGE_VERSION=1.2\\n'" in image_script(Image("web", "1.2"))
