"""What `appliance new` writes can be built and tested as it stands, whatever is asked for."""

import re
from pathlib import Path

import pytest
import yaml
from tests.unit.test_golden_plans import planned

from appliance.bundle.sheet import Sheet, parse
from appliance.cli import parser
from appliance.creation.foresee import Launched, foresee
from appliance.errors import HostError, RequestError
from appliance.handover.form import Handover
from appliance.handover.sheets import sheet_of
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides, Reading
from appliance.recipe.repository_options import RepositoryOptions
from appliance.scaffold import start as starting
from appliance.scaffold.request import check_name
from appliance.scaffold.start import start
from appliance.scaffold.templates import APT, BASES, DEBIAN, EMPTY, KNOWN

TOP = Path(__file__).parents[3]
ALL = [(kind, family) for kind in KNOWN for family in BASES]
COMMAND = re.compile(
    r"^\s*(?:- |run: |#\s+)?(?:sudo )?appliance ((?:check|build|test|run|lock) .*)$"
)


@pytest.fixture(scope="module", params=ALL, ids="-".join)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of each kind, of each family."""
    kind, family = request.param
    place = tmp_path_factory.mktemp(kind) / "my-shop"
    start(place, kind=kind, family=family, vendor='Smith & "Sons"')
    return place


def test_it_can_be_checked_and_planned(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made / "my-shop.ks"
    overrides = Overrides(reading=Reading((TOP / "kickstarts",)))
    launched = Launched(Target(), Handover(), sheet_of(path, None, Sheet()))

    found = foresee(path, overrides, RepositoryOptions(), launched)

    assert not found.problems
    assert not [note.text for note in found.notes if not note.text.startswith("part / replaces")]
    monkeypatch.chdir(TOP / "kickstarts")  # where its AOS is
    steps = {str(step.gives) for step in planned(path, "x86_64").steps}
    assert {"layer:packages", "layer:post-1", "disk:sda"} <= steps
    assert ("disk:sdb" in steps) == ("--ondisk=sdb" in path.read_text())


def test_its_sheet_says_what_it_is_and_brings_all_its_files(made: Path) -> None:
    path = made / "my-shop.toml"
    sheet = parse(path.read_text(), path)

    assert (sheet.product.name, sheet.product.vendor) == ("My shop", 'Smith & "Sons"')
    assert sheet.version
    assert sheet.product.description.endswith(".")
    sources = [made / copy.source for copy in sheet.files.copies]
    brought = {file for source in sources for file in (source, *source.rglob("*"))}
    assert {file for file in (made / "files").rglob("*") if file.is_file()} <= brought
    boot = [made / name for name in sheet.first_boot.files] if sheet.first_boot else []
    assert set(boot) == set((made / "first-boot").glob("*"))


def test_all_that_it_tells_people_and_machines_to_type_is_taken(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made)
    (made / "out/my-shop").mkdir(parents=True, exist_ok=True)
    for name, least in (
        ("README.md", 4), ("my-shop.ks", 2), (".gitlab-ci.yml", 3),
        (".github/workflows/appliance.yml", 3),
    ):  # fmt: skip
        lines = [found[1] for found in map(COMMAND.match, (made / name).read_text().splitlines())
                 if found]  # fmt: skip
        assert len(lines) >= least, name
        for line in lines:
            words = line.partition(" #")[0].split()
            assert parser(words[0]).parse_args(words).run


def test_its_ci_is_yaml_that_builds_and_tests(made: Path) -> None:
    gitlab = yaml.safe_load((made / ".gitlab-ci.yml").read_text())["build-and-test"]
    github = yaml.safe_load((made / ".github/workflows/appliance.yml").read_text())
    job = github["jobs"]["build-and-test"]

    assert gitlab["artifacts"]["reports"]["junit"] == "report/junit.xml"
    for script in (gitlab["script"], [step.get("run", "") for step in job["steps"]]):
        words = [line.split() for line in script]
        assert [line for line in words if "test" in line and "check.sh" in line]
    assert job["steps"][1]["env"] == {"APPLIANCE_TOOLS": "${{ vars.APPLIANCE_TOOLS }}"}


def test_nothing_of_a_template_is_left_in_it(made: Path) -> None:
    for file in made.rglob("*"):
        assert "NAME" not in file.name
        if file.is_file():
            text = file.read_text()
            assert text.endswith("\n")
            assert not re.search(r"\{%|(?<!\$)\{\{(?!\.)|[ \t]\n", text), file
            assert "\n\n\n" not in text or file.suffix == ".py"
            assert file.suffix != ".sh" or file.stat().st_mode & 0o111 == 0o111


@pytest.mark.parametrize("kind", KNOWN)
def test_families_differ_where_they_do(kind: str, tmp_path: Path) -> None:
    for base in BASES.values():
        start(tmp_path / base.name / "shop", kind=kind, family=base.name)
        text = (tmp_path / base.name / "shop/shop.ks").read_text()
        assert f"%include {base.aos.removesuffix('.ks')}" in text
        if base.packages != APT:
            for file in (tmp_path / base.name).rglob("*"):
                assert (
                    not file.is_file()
                    or not re.search("apt-get|Debian's", file.read_text())
                    or ("yml" in file.name)
                )


def test_it_is_empty_and_of_this_machines_family_if_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for there, family in (("fedora", "fedora"), ("debian", "debian"), ("", DEBIAN)):
        monkeypatch.setattr(starting.probe, "distribution", lambda there=there: there)
        made = start(tmp_path / f"shop-{family}{there}")
        assert (made.kind, made.family) == (EMPTY, family)
        assert made.next[-1] == f"appliance test out/{made.name} --check check.sh"


def test_an_empty_directory_is_filled(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()

    made = start(tmp_path / "shop")

    there = (tmp_path / "shop").rglob("*")
    files = {str(path.relative_to(tmp_path / "shop")) for path in there if path.is_file()}
    assert files == set(made.files)
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")

    for name, why in (("shop", "with files in it"), ("file", "no directory"), ("link", "no dir")):
        with pytest.raises(RequestError, match=why) as refused:
            start(tmp_path / name)
        start(Path(refused.value.hint.removeprefix("appliance new ")))

    assert (tmp_path / "shop/mine").read_text() == "mine"
    assert len(list((tmp_path / "shop").iterdir())) == 1


def test_a_place_that_cannot_be_written_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(RequestError, match="is not a directory"):
        start(tmp_path / "file/shop")
    with pytest.raises(HostError, match="cannot be written to"):
        start(Path("/proc/none/shop"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_nothing_is_left_of_a_directory_that_could_not_be_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(HostError, match="cannot write .*shop: No space left on device"):
        start(tmp_path / "new/shop")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("My Shop", "my-shop"), ("shop_1", "shop-1"), ("1shop", "shop"), ("x", "shop"),
        ("ß", "shop"), ("-shop-", "shop"), ("a" * 40, "a" * 31), ("nginx", "my-nginx"),
        ("aos-debian", "my-aos-debian"), ("sh\x1b[31mop", "sh-31mop"), (".", "shop"),
    ],
)  # fmt: skip
def test_a_bad_name_is_refused_with_a_good_one(name: str, near: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        check_name(Path(name))
    assert refused.value.hint == f"appliance new {near}"
    check_name(Path(near))


@pytest.mark.parametrize("name", ["shop", "my-shop", "a1", "a" * 31, "there/shop"])
def test_a_good_name_is_taken(name: str) -> None:
    check_name(Path(name))
