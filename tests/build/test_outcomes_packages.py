"""What Anaconda's own kickstart tests look for in packages and repositories, in built images of a
distribution that is installed in a second; docs/explanation/kickstart-tests.md has the table.
"""

import configparser
import shutil
from collections.abc import Iterator

import pytest

from outcome_fixtures import Built, Make
from rpm_fixtures import RpmYard

# --- packages


@pytest.fixture(scope="module")
def lean(outcome: Make) -> Built:
    """Without all that can be left out, from two repositories of which one lacks something."""
    return outcome(
        "lean", "@oddities --nodefaults", "documented", "choosy", "one", "package-1", "package-2",
        "optional-from-addon-a", "optional-from-addon-b", "tmux", "-tmux", "google-noto*",
        "-google-noto-serif", "fake-package", "@fake-group", "httpd", "lib*",
        options="--nocore --excludedocs --inst-langs=de:pt_BR --exclude-weakdeps --ignoremissing",
        more="%pre-install\nmkdir -p $INSTALL_ROOT/etc\n"
        "printf 'root:x:0:0:root:/root:/bin/bash\\napache:x:601:601::/srv:/sbin/nologin\\n' "
        "> /mnt/sysroot/etc/passwd\nprintf 'root:x:0:\\napache:x:601:\\n' "
        "> /mnt/sysroot/etc/group\n%end\n",
    )  # fmt: skip


@pytest.fixture(scope="module")
def rich(outcome: Make) -> Built:
    """With all that can come along, but for what cannot be installed."""
    return outcome(
        "rich", "@^odd-environment", "-@agents", "greeting", "broken-promise", "documented",
        "@standard --optional", "library", options="--ignorebroken --multilib",
    )  # fmt: skip


def test_a_group_comes_without_its_defaults(lean: Built) -> None:
    assert {"greeting", "conditional"} <= lean.packages
    assert not {"slowish", "links"} & lean.packages


def test_an_environment_comes_with_its_groups(rich: Built) -> None:
    assert {"basesystem", "greeting", "choosy"} <= rich.packages
    assert "configured" not in rich.packages


def test_a_group_comes_with_what_is_optional(rich: Built) -> None:
    assert {"gzip", "hostname"} <= rich.packages


def test_what_does_not_exist_is_left_out(lean: Built) -> None:
    assert "greeting" in lean.packages
    assert not {"fake-package", "fake-group"} & lean.packages


def test_what_cannot_be_installed_is_left_out(rich: Built) -> None:
    assert "greeting" in rich.packages
    assert "broken-promise" not in rich.packages


def test_globs_and_exclusions_decide(lean: Built) -> None:
    assert "google-noto-sans" in lean.packages
    assert not {"google-noto-serif", "tmux"} & lean.packages


def test_no_document_is_there_if_none_is_wanted(lean: Built) -> None:
    assert lean.tree.names("/usr/share/doc/documented") == set()
    assert lean.tree.exists("/usr/share/documented")


def test_only_the_languages_that_are_wanted_are_there(lean: Built, rich: Built) -> None:
    def translated(built: Built) -> set[str]:
        return {
            code for code in ("de", "fr", "pt_BR")
            if built.tree.exists(f"/usr/share/locale/{code}/LC_MESSAGES/documented.mo")
        }  # fmt: skip

    assert translated(lean) == {"de", "pt_BR"}
    assert translated(rich) == {"de", "fr", "pt_BR"}


def test_no_language_is_there_if_none_is_wanted(outcome: Make) -> None:
    built = outcome("languages", "documented", options="--nocore --inst-langs=")

    assert not built.tree.exists("/usr/share/locale/de/LC_MESSAGES/documented.mo")
    assert built.tree.exists("/usr/share/doc/documented/README")


def test_weak_dependencies_are_left_out_if_that_is_said(lean: Built, rich: Built) -> None:
    assert "weak" not in lean.packages
    assert "weak" in rich.packages


def test_packages_of_both_architectures_are_there(rich: Built) -> None:
    assert rich.tree.exists("/usr/lib64/library.so")
    assert rich.tree.exists("/usr/lib/library.so")
    assert "\nmultilib_policy=all\n" in f"\n{rich.tree.text('/etc/dnf/dnf.conf')}"


def test_an_account_from_before_the_packages_stays(lean: Built) -> None:
    assert "httpd" in lean.packages
    assert lean.tree.entry("/etc/passwd", "apache")[2:4] == ["601", "601"]


# --- repositories


def test_a_repository_may_lack_what_it_excludes(lean: Built) -> None:
    assert lean.tree.names("/usr/share/package-1") == {"addon-b"}
    assert lean.tree.names("/usr/share/package-2") == {"addon-a"}  # the cheaper
    assert {"mandatory-from-addon-a", "mandatory-from-addon-b"} <= lean.packages


def test_a_repository_may_have_only_what_it_includes(outcome: Make, outcome_yard: RpmYard) -> None:
    url = outcome_yard.mirror.url
    built = outcome(
        "included", "package-1", "package-2", "optional-from-addon-a", "optional-from-addon-b",
        lines=f"url --url={url}/base\nrepo --name=addon-a --baseurl={url}/addon-a --cost=25 "
        "--includepkgs=*-from-addon-a,package-2\n"
        f"repo --name=addon-b --baseurl={url}/addon-b --cost=50\n",
    )  # fmt: skip

    assert built.tree.names("/usr/share/package-1") == {"addon-b"}
    assert built.tree.names("/usr/share/package-2") == {"addon-a"}
    assert {"mandatory-from-addon-a", "mandatory-from-addon-b"} <= built.packages


@pytest.mark.parametrize("line", ["url --{kind}={url}", "repo --name=only --{kind}={url}"])
@pytest.mark.parametrize("kind", ["metalink", "mirrorlist"])
def test_mirrors_are_found_by_what_lists_them(line: str, kind: str, outcome_yard: RpmYard) -> None:
    lines = line.format(kind=kind, url=f"{outcome_yard.mirror.url}/base.{kind}") + "\n"
    packages = outcome_yard.lock(outcome_yard.recipe("greeting", lines=lines, name="listed"))

    assert "greeting" in packages


def test_addresses_of_both_commands_give_packages(outcome_yard: RpmYard) -> None:
    url = outcome_yard.mirror.url
    lines = f"url --url={url}/updates\nrepo --name=other --baseurl={url}/base\n"
    packages = outcome_yard.lock(outcome_yard.recipe("greeting", lines=lines, name="both"))

    assert packages["greeting"]["version"] == "1.1-1.tl13"
    assert packages["bash"]["repository"] == "other"


def test_the_running_system_has_the_repositories_that_it_is_to_have(
    outcome: Make, outcome_yard: RpmYard
) -> None:
    url = f"{outcome_yard.mirror.url}/addon-b"
    repositories = (
        "addon-b", "two --install", "three --cost=25 --install", "four --noverifyssl --install",
        "five --includepkgs=p1,p2 --excludepkgs=p3,p4 --install",
    )  # fmt: skip
    lines = f"url --url={outcome_yard.mirror.url}/base\n" + "".join(
        f"repo --baseurl={url} --name={one}\n" for one in repositories
    )
    built = outcome("installed", lines=lines)
    parser = configparser.ConfigParser(interpolation=None)
    for name in ("two", "three", "four", "five"):
        parser.read_string(built.tree.text(f"/etc/yum.repos.d/{name}.repo"))

    assert not built.tree.exists("/etc/yum.repos.d/addon-b.repo")
    assert dict(parser["two"]) == {"name": "two", "enabled": "1", "baseurl": url}
    assert parser["three"]["cost"] == "25"
    assert parser["four"]["sslverify"] == "0"
    assert parser["five"]["includepkgs"] == "p1, p2"
    assert parser["five"]["excludepkgs"] == "p3, p4"


@pytest.fixture
def proxy(outcome_yard: RpmYard) -> Iterator[str]:
    """Somebody who has what packages.invalid is said to have: a proxy is asked for whole URLs."""
    place = outcome_yard.mirror.place / "http:"
    place.mkdir()
    (place / "packages.invalid").symlink_to("..")
    yield outcome_yard.mirror.url
    shutil.rmtree(place)


def test_packages_come_through_a_proxy(outcome: Make, outcome_yard: RpmYard, proxy: str) -> None:
    lines = f"url --url=http://packages.invalid/base --proxy={proxy}\n"
    usual, outcome_yard.store = outcome_yard.store, outcome_yard.place / "store"
    try:
        built = outcome("proxied", "greeting", lines=lines)
    finally:
        outcome_yard.store = usual

    assert "greeting" in built.packages
    assert all(path.startswith("http://packages.invalid/") for path, _ in outcome_yard.mirror.asked)
    assert [path for path, _ in outcome_yard.mirror.asked if "/greeting-1.0" in path]
