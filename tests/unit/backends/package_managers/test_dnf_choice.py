"""What dnf is asked, and how its answers are read: those of dnf 4.14 and of dnf5 5.4.6."""

from pathlib import Path

import pytest

from appliance.backends.families.rpm_sources import RpmSource
from appliance.backends.package_managers import dnf_choice
from appliance.backends.package_managers.dnf_choice import Chosen, Dnf
from appliance.errors import RecipeError, SourceError, Where
from appliance.recipe.model import Packages, WantedPackage

HERE = Where(Path("a.ks"), 7)
BASE = RpmSource("base", urls=("http://h/base",))
UPDATES = RpmSource("updates", metalink="http://h/updates.metalink")
SAID = Path(__file__).parents[3] / "data/dnf"
LONG = "testing-updates-of-everything-that-is-long-to-write"

# Four is what dnf 4 says, five what dnf5 says, of the same question.
BROKEN = {
    4: "Error: \n Problem: conflicting requests\n  - nothing provides nowhere-to-be-found needed "
    "by broken-promise-13-1.tl13.noarch\n(try to add '--skip-broken' to skip uninstallable "
    "packages or '--nobest' to use not only best candidate packages)\n",
    5: "Failed to resolve the transaction:\nProblem: conflicting requests\n  - nothing provides "
    "nowhere-to-be-found needed by broken-promise-13-1.tl13.noarch from base\nYou can try to add "
    "to command line:\n  --skip-broken to skip uninstallable packages\n",
}
FILTERED = {
    4: "Error: \n Problem: package bash-1.0-1.tl13.x86_64 requires glibc, but none of the "
    "providers can be installed\n  - conflicting requests\n  - package glibc-1.0-1.tl13.x86_64 is "
    "filtered out by exclude filtering\n",
    5: "Failed to resolve the transaction:\nProblem: package bash-1.0-1.tl13.x86_64 from base "
    "requires glibc, but none of the providers can be installed\n  - conflicting requests\n  - "
    "package glibc-1.0-1.tl13.x86_64 from base is filtered out by exclude filtering\n",
}
CONFLICT = {
    4: "Error: \n Problem: package one-13-1.tl13.noarch conflicts with other provided by "
    "other-13-1.tl13.noarch\n  - conflicting requests\n",
    5: "Failed to resolve the transaction:\nProblem: package one-13-1.tl13.noarch from base "
    "conflicts with other provided by other-13-1.tl13.noarch from base\n"
    "  - conflicting requests\n",
}
UNKNOWN = {
    4: "No match for argument: wrold\nNo match for argument: other\n"
    "Error: Unable to find a match: wrold other\n",
    5: "Failed to resolve the transaction:\nNo match for argument: wrold\nNo match for argument: "
    "other\nYou can try to add to command line:\n  --skip-unavailable to skip unavailable\n",
}
BOTH = pytest.mark.parametrize("dnf", [4, 5])


def wanted(*names: str) -> tuple[WantedPackage, ...]:
    return tuple(WantedPackage(name, HERE) for name in names)


@BOTH
def test_the_table_is_read_with_the_reasons(dnf: int) -> None:
    chosen = dnf_choice.table((SAID / f"table-of-dnf{dnf}.txt").read_text())
    dependencies = "filesystem glibc glibc-common greeting-data libraries one setup "
    dependencies += "testinglinux-gpg-keys testinglinux-release testinglinux-repos"
    reasons = {
        **dict.fromkeys(("bash", "choosy", "greeting"), "user"),
        **dict.fromkeys(dependencies.split(), "dependency"),
        **dict.fromkeys(("supplement", "weak"), "weak"),
    }
    assert {item.name: item.reason for item in chosen} == reasons
    assert [item.name for item in chosen] == sorted(reasons)
    assert chosen[0] == Chosen("bash", "x86_64", "1.0-1.tl13", "base", "user")
    from_updates = {item.name: item.evr for item in chosen if item.repository == LONG}
    assert from_updates == {"greeting": "1.1-1.tl13", "greeting-data": "1.1-1.tl13"}


def test_a_row_that_does_not_fit_goes_on_in_the_next_lines() -> None:
    said = (
        "Installing:\n"
        " a-package-with-a-name-that-is-longer-than-its-column\n"
        "                       x86_64   2:20220101.1-1.20240101git.fc44\n"
        "                                                 updates        12 M\n"
        " bash                  x86_64   5.2-1.fc44        base          1.8 M\n"
        "     replacing  old-bash.x86_64 4.0-1\n"
        "Installing weak dependencies:\n"
        " zsh                   x86_64   5.2-1.fc44        base          1.8 M\n"
        "\nTransaction Summary\n Something else here that is no row\n"
    )
    assert dnf_choice.table(said) == (
        Chosen(
            "a-package-with-a-name-that-is-longer-than-its-column", "x86_64",
            "2:20220101.1-1.20240101git.fc44", "updates", "user",
        ),
        Chosen("bash", "x86_64", "5.2-1.fc44", "base", "user"),
        Chosen("zsh", "x86_64", "5.2-1.fc44", "base", "weak"),
    )  # fmt: skip


@pytest.mark.parametrize("said", ["", "\n", "Nothing to do.\n", "Installing:\n", " a b c d\n"])
def test_no_table_is_no_package(said: str) -> None:
    assert dnf_choice.table(said) == ()


@BOTH
def test_an_unknown_name_gives_its_place_and_the_nearest(dnf: int) -> None:
    known = ("world", "wold", "greeting", "w" * 99)
    error = dnf_choice.refusal(UNKNOWN[dnf], Packages(names=wanted("wrold", "other")), known)
    assert isinstance(error, RecipeError)
    assert str(error) == "a.ks:7: there is no package 'wrold'\n  try: wold, world"


@BOTH
def test_a_dependency_that_nobody_has_is_explained(dnf: int) -> None:
    error = dnf_choice.refusal(BROKEN[dnf], Packages(names=wanted("broken-promise")), ())
    assert error.problem == (
        "nothing provides nowhere-to-be-found, which broken-promise-13-1.tl13.noarch needs"
    )
    assert error.where == HERE
    assert any("nothing provides" in line for line in error.tail)
    assert not any("skip-broken" in line for line in error.tail)


@BOTH
def test_an_excluded_package_that_is_needed_names_who_needs_it(dnf: int) -> None:
    packages = Packages(names=wanted("bash"), excluded=wanted("zsh", "glibc"))
    error = dnf_choice.refusal(FILTERED[dnf], packages, ())
    assert error.problem == "-glibc cannot be left out: bash-1.0-1.tl13.x86_64 needs it"
    assert error.where == HERE


@BOTH
def test_a_conflict_is_told_in_dnfs_words(dnf: int) -> None:
    error = dnf_choice.refusal(CONFLICT[dnf], Packages(names=wanted("one", "other")), ())
    assert error.problem == "the packages cannot be installed together"
    assert any("one-13-1.tl13.noarch" in line and "conflicts with" in line for line in error.tail)


def test_what_dnf_says_is_shortened() -> None:
    said = "".join(f"  - reason {number}\n" for number in range(100)) + "chatter\n"
    assert dnf_choice.shortened(said) == tuple(f"- reason {number}" for number in range(8))
    assert dnf_choice.shortened("some\n\nlast\nwords\n") == ("some", "last", "words")


def test_far_too_many_known_names_take_no_time() -> None:
    known = [f"bulk-{number:05}" for number in range(100_000)]
    assert "repoquery" in dnf_choice.nearest("wrold", known)


CHECKSUM = {
    4: "base        3.7 MB/s | 3.7 kB     00:00\n"
    "Errors during downloading metadata for repository 'updates':\n"
    "  - Downloading successful, but checksum doesn't match. Calculated: 18\n"
    "Error: Failed to download metadata for repo 'updates': Yum repo downloading error\n",
    5: "Updating and loading repositories:\n base     100% |   0.0   B/s |   3.7 KiB |  00m00s\n"
    ">>> Downloading successful, but checksum doesn't match. Calculated: 18\n"
    'Failed to download metadata (metalink: "http://h/base") for repository "updates": Cannot\n',
}


@BOTH
def test_the_repository_that_cannot_be_read_is_named(dnf: int) -> None:
    error = dnf_choice.metadata_error(CHECKSUM[dnf], (BASE, UPDATES))
    assert error.problem == "the repository updates (http://h/updates.metalink) cannot be read"
    assert any("checksum doesn't match" in line for line in error.tail)


def test_if_dnf_names_no_repository_all_are() -> None:
    error = dnf_choice.metadata_error("base 1 MB/s\nError: Parse error\n", (BASE, UPDATES))
    assert error.problem == (
        "one of these repositories cannot be read: base (http://h/base), "
        "updates (http://h/updates.metalink)"
    )
    assert error.tail == ("Error: Parse error",)


def test_dnf_is_told_everything_and_asks_nobody_else() -> None:
    source = RpmSource(
        "base", urls=("http://a/b", "http://c/d"), proxy="http://p:1", verified=False, cost=500,
        priority=9,
        included=("a*", "b"), excluded=("c*",), ca_certificate="/ca",
    )  # fmt: skip
    text = dnf_choice.configuration((source, UPDATES), "/state")
    assert "reposdir=/dev/null\n" in text
    assert "cachedir=/state/cache\n" in text
    assert (
        "[base]\nenabled=1\nname=base\nbaseurl=http://a/b http://c/d\nproxy=http://p:1\n"
        "sslverify=0\nsslcacert=/ca\ncost=500\npriority=9\nincludepkgs=a* b\nexcludepkgs=c*\n"
    ) in text
    assert "[updates]\nenabled=1\nname=updates\nmetalink=http://h/updates.metalink\n" in text
    assert "baseurl=\n" not in text


@pytest.mark.parametrize(
    "source",
    [
        RpmSource("a]\ngpgcheck=0\n[b", urls=("http://h",)),
        RpmSource("", urls=("http://h",)),
        RpmSource("two words", urls=("http://h",)),
        RpmSource("a", urls=("http://h\ngpgcheck=0",)),
        RpmSource("a", urls=("http://h",), proxy="p\rx=1"),
        RpmSource("a", urls=("http://h",), excluded=("x\npluginpath=/home",)),
        RpmSource("a", metalink="http://h\x00"),
    ],
)
def test_nothing_in_a_repository_can_become_another_setting(source: RpmSource) -> None:
    with pytest.raises(SourceError, match="cannot be"):
        dnf_choice.configuration((source,), "/state")


@BOTH
def test_the_question_is_asked_with_the_recipes_own_options(dnf: int) -> None:
    asks = Dnf("dnf", dnf == 5)
    packages = Packages(excluded=wanted("vim*"), weak_dependencies=False, multilib=True)
    words = asks.ask(packages, ("--installroot=/", "bash"))
    assert words[:3] == [
        "--setopt=install_weak_deps=0",
        "--exclude=vim*",
        "--setopt=multilib_policy=all",
    ]
    assert words[-5:] == ["--assumeno", "install", "--", "--installroot=/", "bash"]
    lenient = " ".join(asks.ask(Packages(ignore_missing=True, ignore_broken=True), ("bash",)))
    wanted_words = "--skip-unavailable --skip-broken" if dnf == 5 else "--setopt=strict=0"
    assert wanted_words in lenient
    assert ("install --skip" in lenient) == (dnf == 5)
    own = asks.words("/state", release="13", architecture="aarch64", foreign=True)
    assert "--forcearch=aarch64" in own
    assert "--releasever=13" in own
    assert "--setopt=varsdir=/dev/null" in own
    assert ("--setopt=system_cachedir=/state/cache" in own) == (dnf == 5)


@pytest.mark.parametrize("name", ["http://h/x.rpm", "/root/x.rpm", "x.rpm", "file:///root/x"])
def test_a_file_is_no_package(name: str) -> None:
    with pytest.raises(RecipeError, match="' is a file, not the name of a package"):
        dnf_choice.refuse_files(Packages(names=wanted(name)))
