"""What `check` says of the author's own files, and of scripts that would not see them."""

from pathlib import Path

import pytest

from appliance.bundle.sheet import Sheet
from appliance.creation.foresee import Foreseen, Launched, foresee
from appliance.handover.sheets import sheet_of
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides
from appliance.recipe.repository_options import RepositoryOptions

WHOLE = "part biosboot --fstype=biosboot --size=1\npart / --size=1000\n%packages\n%end\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/shop.py").write_text("shop\n")
    (tmp_path / "app.conf").write_text("conf\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def looked(scripts: str = "", sheet: str = "") -> Foreseen:
    Path("web.ks").write_text(WHOLE + scripts)
    Path("web.toml").write_text(sheet)
    said = sheet_of(Path("web.ks"), None, Sheet())
    options = RepositoryOptions(repositories=("debian-trixie",))
    return foresee(Path("web.ks"), Overrides(), options, Launched(Target(), sheet=said))


def notes(found: Foreseen) -> list[str]:
    return [f"{note.where}: {note.text}" for note in found.notes if "this machine" in note.text]


BESIDE = """\
%post --nochroot
cp app/shop.py $INSTALL_ROOT/srv
echo app.conf; cp -p "app.conf" $INSTALL_ROOT/etc/
install -m 644 ./app.conf $INSTALL_ROOT/etc
cp /usr/share/zoneinfo/UTC $INSTALL_ROOT/etc/localtime
cp nothing-such $INSTALL_ROOT/etc
%end
"""


def test_every_file_that_is_not_there_is_a_problem(here: Path) -> None:
    lines = ("gone:/x", "/etc/passwd:/x", "app:/opt/app")
    listed = "".join(f' "{line}",\n' for line in lines)
    sheet = f'[files]\ncopy = [\n{listed}]\nshow = ["app", "no"]\n'
    found = looked(BESIDE, sheet)

    assert [str(each).splitlines()[0] for each in found.problems] == [
        "web.toml:3: [files] 'gone': there is no gone",
        f"web.toml:4: [files] '/etc/passwd': a sheet takes files from below {here} only",
        "web.toml:7: [files] 'no': there is no no",
    ]
    assert len(notes(found)) == 1
    assert looked(sheet='[files]\ncopy = ["app:/opt/app"]\nshow = ["app"]\n').problems == ()


def test_a_script_that_will_not_see_a_file_is_told_before(here: Path) -> None:
    found = notes(looked(BESIDE))

    assert found == [
        "web.ks:6: 'app/shop.py' is on this machine, where %post --nochroot does not see it: "
        "--copy app/shop.py:DEST brings it into the image, and --files app makes its directory "
        "the script's working directory",
        "web.ks:8: './app.conf' is on this machine, where %post --nochroot does not see it: "
        "--copy app.conf:DEST brings it into the image, and --files . makes its directory "
        "the script's working directory",
    ]


def test_a_script_that_sees_it_is_told_nothing(here: Path) -> None:
    assert len(notes(looked(BESIDE, '[files]\nshow = ["app"]\n'))) == 1
    (here / "files").mkdir()
    (here / "files/app.conf").write_text("conf\n")
    assert notes(looked(BESIDE, '[files]\nshow = ["app"]\n')) == []


def test_a_script_in_the_image_is_told_of_copies(here: Path) -> None:
    found = notes(looked("%post\ncp app/shop.py /srv\ncat /etc/passwd 'odd\n%end\n"))

    assert found == [
        "web.ks:6: 'app/shop.py' is on this machine, and %post runs in the image: "
        "--copy app/shop.py:DEST brings it into the image"
    ]
