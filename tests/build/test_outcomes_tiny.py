"""What Anaconda's own kickstart tests look for in packages, scripts and disks, in images of a
distribution that is installed in a second.

docs/explanation/kickstart-tests.md says which of them is tested by which test. A system is built
once and looked at by several tests.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import building
from mirror import Mirror
from outcome_tree import Tree
from rpm_distribution.repository import publish, ready
from rpm_distribution.rpm_file import Package, directory, regular
from rpm_distribution.rpm_header import Relation
from rpm_distribution.system import own
from rpm_distribution.world import World
from rpm_fixtures import RpmYard

ADDONS = ("addon-a", "addon-b")


def _marked(name: str, repository: str) -> Package:
    """One that says which repository it is from."""
    package = own(name, name)
    place = f"/usr/share/{name}"
    package.files = [directory(place), regular(f"{place}/{repository}", "")]
    return package


def _addon(repository: str) -> list[Package]:
    optional = own(f"optional-from-{repository}", "Brings another along")
    optional.require(f"mandatory-from-{repository}")
    names = ("package-1", "package-2", "package-3", "package-4")
    found = [_marked(name, repository) for name in names]
    return [*found, optional, own(f"mandatory-from-{repository}", "Is brought along")]


def _system() -> list[Package]:
    """Stands for what settings bring along, and packages with an account or a 32-bit twin."""
    server = own("httpd", "Has an account")
    server.shell(
        "pre",
        "getent group apache > /dev/null || groupadd -r -g 48 apache\n"
        "getent passwd apache > /dev/null || useradd -r -u 48 -g apache -s /sbin/nologin apache\n",
    )
    server.require("shadow-utils")
    twins = [Package("library", "1", "1", arch=arch) for arch in ("x86_64", "i686")]
    for twin in twins:
        twin.files = [regular(f"/usr/lib{'64' if twin.arch == 'x86_64' else ''}/library.so", "")]
    login = own("gdm", "Lets people log in to something graphical")
    login.provides = [Relation("service(graphical-login)")]
    names = ("firewalld", "chrony", "authselect", "kernel", "grub2-pc", "grub2-tools", "tmux",
             "google-noto-sans", "google-noto-serif", "initial-setup", "initial-setup-gui",
             "langpacks-cs", "langpacks-ru", "glibc-langpack-cs", "kbd", "tzdata",
             "dracut-config-generic", "NetworkManager")  # fmt: skip
    return [server, *twins, login, *(own(name, name) for name in names)]


@dataclass(frozen=True)
class Built:
    """What was built, and what was said of it."""

    yard: RpmYard
    said: str
    name: str

    @property
    def tree(self) -> Tree:
        return Tree(self.yard.image(self.name))

    @property
    def packages(self) -> set[str]:
        place = self.yard.output / self.name / f"{self.name}.packages.json"
        return {item["name"] for item in json.loads(place.read_text())["packages"]}


@pytest.fixture(scope="module")
def yard(rpm_server: Mirror, tiny_rpm_world: World, open_place: Path) -> Iterator[RpmYard]:
    """A place to build in, and repositories addon-a and addon-b beside the usual ones."""
    place = Path(tempfile.mkdtemp(prefix="outcomes-", dir=open_place))
    for name, packages in (("addon-a", [*_addon("addon-a"), *_system()]),
                           ("addon-b", _addon("addon-b"))):  # fmt: skip
        publish(rpm_server.place / name, ready(packages), None)
    rpm_server.behave()
    yield RpmYard(place, building.root(), rpm_server, tiny_rpm_world.key, open_place / "rpm-store")
    shutil.rmtree(place)
    for name in ADDONS:
        shutil.rmtree(rpm_server.place / name)


Make = Callable[..., Built]


@pytest.fixture(scope="module")
def make(yard: RpmYard) -> Make:
    def build(name: str, *packages: str, options: str = "--nocore", more: str = "",
              disk: str = "part / --fstype=ext4 --size=300", lines: str = "") -> Built:  # fmt: skip
        url = yard.mirror.url
        lines = lines or (
            f"repo --name=base --baseurl={url}/base\n"
            f"repo --name=addon-a --baseurl={url}/addon-a --cost=25 --excludepkgs=package-1\n"
            f"repo --name=addon-b --baseurl={url}/addon-b --cost=50\n"
        )
        recipe = yard.recipe(
            *packages, options=options, more=more, disk=disk, lines=lines, name=name
        )
        words = [word for name in ADDONS if name in lines for word in ("--no-gpg-check", name)]
        ended = yard.build(recipe, "-f", "raw", *words)
        return Built(yard, ended.said, name)

    return build


# --- packages


@pytest.fixture(scope="module")
def lean(make: Make) -> Built:
    """Without all that can be left out, from two repositories of which one lacks something."""
    return make(
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
def rich(make: Make) -> Built:
    """With all that can come along, but for what cannot be installed."""
    return make(
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


def test_no_language_is_there_if_none_is_wanted(make: Make) -> None:
    built = make("languages", "documented", options="--nocore --inst-langs=")

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


def test_a_repository_may_have_only_what_it_includes(make: Make, yard: RpmYard) -> None:
    url = yard.mirror.url
    built = make(
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
def test_mirrors_are_found_by_what_lists_them(line: str, kind: str, yard: RpmYard) -> None:
    lines = line.format(kind=kind, url=f"{yard.mirror.url}/base.{kind}") + "\n"
    packages = yard.lock(yard.recipe("greeting", lines=lines, name="listed"))

    assert "greeting" in packages


def test_addresses_of_both_commands_give_packages(yard: RpmYard) -> None:
    url = yard.mirror.url
    lines = f"url --url={url}/updates\nrepo --name=other --baseurl={url}/base\n"
    packages = yard.lock(yard.recipe("greeting", lines=lines, name="both"))

    assert packages["greeting"]["version"] == "1.1-1.tl13"
    assert packages["bash"]["repository"] == "other"
