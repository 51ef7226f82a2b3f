"""What `--repo` says, for either package manager: honoured, or refused with the nearest word."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from appliance.backends.families.known import RPM_KNOWN
from appliance.backends.families.question import Question
from appliance.backends.package_managers.repo_files import RepoSection
from appliance.errors import ApplianceError, RequestError, SourceError, Where
from appliance.layout.storage import Storage
from appliance.packages import repository_files
from appliance.packages.ask_dnf import AskDnf, settle
from appliance.packages.resolve import understood, use_lock
from appliance.recipe.model import Packages, Recipe, Repository
from appliance.recipe.repository_options import RepositoryOptions
from appliance.recipe.settings import Settings
from appliance.recipe.volumes import BootSettings

HERE = Where(Path("web.ks"), 1)
APT = Repository("x", "http://a.example/debian/dists/trixie", HERE)
RPM = Repository("x", "http://a.example/fedora/$releasever", HERE)
ARCHIVE = "deb http://b.example/debian trixie main\n"
SECTION = "[company]\nbaseurl=http://b.example/almalinux/\n"


def recipe(*repositories: Repository) -> Recipe:
    return Recipe(
        name="web",
        repositories=repositories,
        packages=Packages(),
        volumes=(),
        table="gpt",
        boot_loader=BootSettings(),
        settings=Settings(),
        scripts=(),
        notes=(),
        source="",
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.list").write_text(ARCHIVE)
    Path("a.repo").write_text(SECTION)
    Path("both").mkdir()
    Path("both/b.list").write_text(ARCHIVE)
    Path("both/b.repo").write_text(SECTION)
    Path("none").mkdir()
    Path("debian-12").mkdir()
    Path("debian-12/c.list").write_text(ARCHIVE)
    return tmp_path


@pytest.mark.parametrize(
    ("lines", "words", "family", "names"),
    [
        ((APT,), ("debian-trixie",), "debian", ["x", "debian-trixie"]),
        ((), ("debian-trixie", "debian-stable"), "debian", ["debian-trixie"]),
        ((), ("ubuntu-24.04", "a.list"), "ubuntu", ["ubuntu-24.04", "a"]),
        ((APT,), ("a.list",), "debian", ["x", "a"]),
        ((APT,), ("both",), "debian", ["x", "b"]),
        ((), ("a.list",), "debian", ["a"]),
        ((RPM,), ("a.repo", "both"), "fedora", ["x", "company", "company"]),
        ((), ("a.repo",), "almalinux", ["company"]),
        ((APT,), ("debian-12", "./debian-12"), "debian", ["x", "debian-12", "c"]),
        ((), ("both/b.repo", "fedora-44"), "fedora", ["fedora-44", "company"]),
    ],
)
def test_it_is_honoured(
    folder: Path,
    lines: tuple[Repository, ...],
    words: tuple[str, ...],
    family: str,
    names: list[str],
) -> None:
    found = understood(recipe(*lines), RepositoryOptions(repositories=words))

    assert found.family.name == family
    told = [item.name for item in found.recipe.repositories]
    assert [*told, *(section.id for section in found.sections)] == names


@pytest.mark.parametrize(
    ("lines", "word", "says", "hint"),
    [
        ((APT,), "debian-trixy", "--repo debian-trixy: there is no such file", "debian-trixie"),
        ((RPM,), "fedora-444", "--repo fedora-444: there is no such file", "--repo fedora-44"),
        ((APT,), "/nowhere.repo", "--repo /nowhere.repo: there is no such file", "a name such as"),
        ((APT,), "a.repo", "--repo a.repo: a file for another package manager", "*.sources or "),
        ((RPM,), "a.list", "--repo a.list: a file for another package manager", "*.repo"),
        ((APT,), "none", "--repo none: no .sources or .list file is there", ""),
        ((), "both", "--repo both: b.list and b.repo are for different", "--repo both/b.list, or"),
        ((), "none", "--repo none: no .repo file is there", ""),
    ],
)
def test_or_refused(
    folder: Path, lines: tuple[Repository, ...], word: str, says: str, hint: str
) -> None:
    options = RepositoryOptions(repositories=(word,))
    with pytest.raises(RequestError) as refused:
        understood(recipe(*lines), options)
    assert refused.value.problem.startswith(says)
    assert hint in refused.value.hint


def test_a_file_that_cannot_be_read_is_refused(folder: Path) -> None:
    Path("a.list").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RequestError, match=r"--repo a\.list: "):
        understood(recipe(APT), RepositoryOptions(repositories=("a.list",)))


def test_a_lock_knows_which_files_it_was_made_with() -> None:
    def words(*sections: RepoSection) -> tuple[str, ...]:
        unchecked = ("x", *(each.id for each in sections if each.enabled))
        options = RepositoryOptions(unchecked=unchecked)
        question = Question(recipe(RPM), cast("Storage", None), options)
        return settle(question, RPM_KNOWN["fedora"], "44", sections).words()

    company = RepoSection("company", baseurls=("http://b.example/",))
    assert words() == ("from x",)
    assert words(company, replace(company, id="off", enabled=False)) == ("from x", "from company")


def test_a_lock_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    question = Question(recipe(RPM), cast("Storage", None))
    ask = AskDnf(question, RPM_KNOWN["fedora"], "44", ())
    with pytest.raises(SourceError, match="cannot be read: Is a directory"):
        use_lock(tmp_path, ask)


def test_two_releases_cannot_make_one_image(folder: Path) -> None:
    both = recipe(Repository("debian-trixie", "", HERE))
    with pytest.raises(ApplianceError, match="cannot make one image"):
        understood(both, RepositoryOptions(repositories=("debian-bookworm",)))
    assert understood(both, RepositoryOptions(releasever="stable")).release == "trixie"


def test_a_place_that_no_file_has_is_one_message(folder: Path) -> None:
    with pytest.raises(RequestError, match=r"--repo x+: File name too long"):
        repository_files.understood(("x" * 256,))
