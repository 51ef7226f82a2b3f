"""Where the packages of an RPM family come from, and with which keys they are checked."""

from pathlib import Path

import pytest

from appliance.backends.families import rpm_repositories
from appliance.backends.families.known import RPM, RPM_KNOWN
from appliance.backends.families.question import Question
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_sources import RpmSource
from appliance.backends.package_managers.repo_files import RepoSection
from appliance.errors import ApplianceError, RecipeError, RequestError, SourceError, Where
from appliance.layout.storage import Storage
from appliance.recipe.model import Packages, Recipe, Repository
from appliance.recipe.repository_options import RepositoryOptions
from appliance.recipe.settings import Settings
from appliance.recipe.volumes import BootSettings

HERE = Where(Path("web.ks"), 3)
KEYS = "/usr/share/distribution-gpg-keys/"
NAMES = [(family, known.codename) for family in RPM for known in family.releases]
EXTRA = Repository("extra", "http://x.example/$releasever/$basearch/", HERE)


def found(name: str) -> str:
    return KEYS + name


def sources(
    *repositories: Repository | str, family: str = "fedora", release: str = "44", **terms: object
) -> tuple[RpmSource, ...]:
    recipe = Recipe(
        name="web",
        repositories=tuple(
            Repository(item, "", HERE) if isinstance(item, str) else item for item in repositories
        ),
        packages=Packages(),
        volumes=(),
        table="gpt",
        boot_loader=BootSettings(),
        settings=Settings(),
        scripts=(),
        notes=(),
        source="",
    )
    architecture = str(terms.pop("architecture", "x86_64"))
    sections = terms.pop("sections", ())
    find_key = terms.pop("find_key", found)
    options = RepositoryOptions(**terms)  # type: ignore[arg-type]
    return rpm_repositories.sources(
        RPM_KNOWN[family],
        Question(recipe, Storage(), options, architecture),
        release,
        sections=sections,  # type: ignore[arg-type]
        find_key=find_key,  # type: ignore[arg-type]
    )


def test_a_known_name_stands_for_all_that_its_release_is_made_of() -> None:
    release, updates = sources("fedora-44")
    assert release == RpmSource(
        "fedora",
        metalink="https://mirrors.fedoraproject.org/metalink?arch=x86_64&repo=fedora-44",
        keys=(f"{KEYS}fedora/RPM-GPG-KEY-fedora-44-primary",),
        signed_metadata=False,
    )
    assert updates.name == "updates"
    assert updates.metalink.endswith("repo=updates-released-f44")


def test_rawhide_is_alone_and_signed_by_one_of_several() -> None:
    (rawhide,) = sources("fedora-rawhide", release="rawhide")
    assert rawhide.metalink.endswith("repo=rawhide")
    assert len(rawhide.keys) == 4


@pytest.mark.parametrize(("family", "codename"), NAMES)
def test_every_release_has_addresses_without_variables(family: RpmFamily, codename: str) -> None:
    repository = Repository(
        f"{family.name}-{codename}", "", HERE, client_certificate="/c.pem", client_key="/k.pem"
    )
    for architecture in ("x86_64", "aarch64"):
        made = sources(repository, family=family.name, release=codename, architecture=architecture)
        for source in made:
            places = (*source.urls, source.metalink, source.mirrorlist)
            assert "$" not in "".join(places), source
            assert source.checked
            assert source.keys
            assert all(key.startswith(KEYS) for key in source.keys)
        assert len({source.name for source in made}) == len(made)


@pytest.mark.parametrize(
    ("family", "release", "urls"),
    [
        (
            "fedora",
            "44",
            ["releases/44/Everything/x86_64/os", "updates/44/Everything/x86_64"],
        ),
        ("fedora", "rawhide", ["development/rawhide/Everything/x86_64/os"]),
        ("centos-stream", "10", ["10-stream/BaseOS/x86_64/os", "10-stream/AppStream/x86_64/os"]),
        ("rhel", "9", ["rhel9/9/x86_64/baseos/os", "rhel9/9/x86_64/appstream/os"]),
        ("almalinux", "9", ["9/BaseOS/x86_64/os", "9/AppStream/x86_64/os"]),
        ("rocky", "10", ["10/BaseOS/x86_64/os", "10/AppStream/x86_64/os"]),
        ("oracle", "9", ["OL9/baseos/latest/x86_64", "OL9/appstream/x86_64"]),
    ],
)
def test_a_mirror_takes_the_place_of_the_familys_own_servers(
    family: str, release: str, urls: list[str]
) -> None:
    made = sources(
        f"{family}-{release}", family=family, release=release, mirror="http://near.example/linux/"
    )
    assert [source.urls for source in made] == [
        (f"http://near.example/linux/{url}",) for url in urls
    ]
    assert not any(source.metalink or source.mirrorlist for source in made)


def test_a_line_of_its_own_keeps_its_options() -> None:
    line = Repository(
        "extra",
        "",
        HERE,
        mirrorlist="https://x.example/list?arch=$basearch&r=${releasever}",
        proxy="http://proxy.example:3128",
        verified=False,
        ca_certificate="/ca.pem",
        cost=7,
        included=("a*",),
        excluded=("b", "c"),
    )
    (source,) = sources(line, keyring="/k")
    assert source == RpmSource(
        "extra",
        mirrorlist="https://x.example/list?arch=x86_64&r=44",
        keys=("/k",),
        proxy="http://proxy.example:3128",
        verified=False,
        ca_certificate="/ca.pem",
        cost=7,
        included=("a*",),
        excluded=("b", "c"),
    )


def test_a_section_of_a_repo_file_brings_its_own_keys() -> None:
    section = RepoSection(
        id="x",
        baseurls=("http://a.example/$releasever/", "http://b.example/$releasever/"),
        gpgkeys=("file:///etc/pki/rpm-gpg/KEY-$releasever-$basearch",),
        repo_gpgcheck=True,
        sslclientcert="/c.pem",
        cost=3,
    )
    unused = RepoSection(id="y", baseurls=("http://y.example/",), enabled=False)
    *_, source = sources("fedora-44", sections=(section, unused), keyring="/k")
    assert source == RpmSource(
        "x",
        urls=("http://a.example/44", "http://b.example/44"),
        keys=("file:///etc/pki/rpm-gpg/KEY-44-x86_64",),
        signed_metadata=True,
        client_certificate="/c.pem",
        cost=3,
    )


@pytest.mark.parametrize("address", ["url", "metalink"])
def test_the_familys_own_servers_have_the_familys_keys(address: str) -> None:
    host = {"url": "http://dl.fedoraproject.org/pub/x", "metalink": ""}
    line = Repository(
        "own",
        host[address],
        HERE,
        metalink="" if host[address] else "https://mirrors.fedoraproject.org/metalink?repo=x",
    )
    assert sources(line)[0].keys == (f"{KEYS}fedora/RPM-GPG-KEY-fedora-44-primary",)
    assert len(sources(line, release="")[0].keys) > 3


@pytest.mark.parametrize(
    "url",
    [
        "https://mirrors.fedoraproject.org/metalink?repo=epel-9",
        "https://kojipkgs.fedoraproject.org/repos/f44-build/latest/x86_64",
        "https://download1.rpmfusion.org/free/fedora/releases/44/",
        "http://evil.example/https://dl.fedoraproject.org/",
    ],
)
def test_others_have_not(url: str) -> None:
    with pytest.raises(SourceError, match="no key is known for the packages of own"):
        sources(Repository("own", url, HERE))


def test_a_repository_without_a_key_is_refused_by_name() -> None:
    with pytest.raises(SourceError) as caught:
        sources("fedora-44", EXTRA)
    assert "extra" in caught.value.problem
    assert "--keyring FILE" in caught.value.hint
    assert "--no-gpg-check extra" in caught.value.hint
    with pytest.raises(SourceError, match="no key is known"):
        sources(
            "rhel-10",
            family="rhel",
            release="10",
            find_key=lambda name: "",
            mirror="http://mirror.example/rhel",
        )


def test_a_host_without_the_files_takes_the_keys_from_their_makers() -> None:
    fedora, updates = sources("fedora-44", find_key=lambda name: "")
    assert fedora.keys == updates.keys == ("https://fedoraproject.org/fedora.gpg",)


def test_who_allows_it_by_name_or_for_all_gets_it_unchecked() -> None:
    *known, extra = sources("fedora-44", EXTRA, unchecked=("extra",))
    assert not extra.checked
    assert all(source.checked for source in known)
    *known, extra = sources("fedora-44", EXTRA, lenient=True)
    assert not extra.checked
    assert all(source.checked for source in known)
    unchecked = sources("fedora-44", unchecked=("fedora-44",))
    assert not any(source.checked for source in unchecked)
    off = RepoSection(id="x", baseurls=("http://a.example/",), gpgcheck=False)
    assert not sources("fedora-44", sections=(off,))[-1].checked


def test_a_keyring_is_for_all_that_have_no_key_of_their_own() -> None:
    section = RepoSection(id="x", baseurls=("http://a.example/",), gpgkeys=("/own",))
    made = sources("fedora-44", EXTRA, sections=(section,), keyring="/k")
    assert [source.keys for source in made] == [("/k",), ("/k",), ("/k",), ("/own",)]


RHEL = {"family": "rhel", "release": "9"}


@pytest.mark.parametrize(
    ("repositories", "terms", "kind", "says", "hint"),
    [
        ((EXTRA,), {"release": ""}, RequestError, "no releasever", "--releasever"),
        (
            (Repository("x", "http://x.example/$infra/", HERE),),
            {},
            RequestError,
            "$infra",
            "--var infra=VALUE",
        ),
        (
            ("fedora-44",),
            {"unchecked": ("updaets",)},
            RequestError,
            "no repository of that name",
            "--no-gpg-check updates",
        ),
        (
            ("fedora-44",),
            {"mirror": "mirror.example/fedora"},
            RequestError,
            "not the root of a mirror",
            "--mirror https://dl.fedoraproject.org/pub/fedora/linux",
        ),
        ((EXTRA, EXTRA), {"lenient": True}, RecipeError, "two repositories", "a name of its own"),
        (("rhel-9",), RHEL, SourceError, "a subscription's certificate", "--sslclientcert"),
        (
            (Repository("x", "nfs://x.example/", HERE),),
            {"lenient": True},
            RecipeError,
            "not the address of a repository",
            "repodata",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_try(
    repositories: tuple[Repository | str, ...],
    terms: dict[str, object],
    kind: type[ApplianceError],
    says: str,
    hint: str,
) -> None:
    with pytest.raises(kind) as caught:
        sources(*repositories, **terms)  # type: ignore[arg-type]
    assert says in caught.value.problem
    assert hint in caught.value.hint
