"""`.repo` files as administrators write them."""

import random
from pathlib import Path

import pytest

from appliance.backends.package_managers import repo_files
from appliance.backends.package_managers.repo_files import RepoSection
from appliance.errors import SourceError

FILE = Path("/etc/yum.repos.d/a.repo")
FEDORA = """\
# comment
[main]
cachedir=/x

[fedora]
name=Fedora $releasever - $basearch
#baseurl=http://download.example/pub/fedora/linux/releases/$releasever/Everything/$basearch/os/
metalink=https://mirrors.fedoraproject.org/metalink?repo=fedora-$releasever&arch=$basearch
enabled=1
countme=1
metadata_expire=7d
repo_gpgcheck=0
type=rpm
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-fedora-$releasever-$basearch
skip_if_unavailable=False

[fedora-debuginfo]
name=debug
metalink=https://x/y
enabled=0
"""


def one(text: str) -> RepoSection:
    (section,) = repo_files.parse(f"[a]\nbaseurl=http://h/a\n{text}", FILE)
    return section


def test_fedoras_own_file_is_understood() -> None:
    fedora, debug = repo_files.parse(FEDORA, FILE)
    assert fedora == RepoSection(
        "fedora",
        name="Fedora $releasever - $basearch",
        metalink="https://mirrors.fedoraproject.org/metalink?repo=fedora-$releasever&arch=$basearch",
        gpgkeys=("file:///etc/pki/rpm-gpg/RPM-GPG-KEY-fedora-$releasever-$basearch",),
        gpgcheck=True,
        repo_gpgcheck=False,
    )
    assert not debug.enabled


def test_lists_are_parted_by_blanks_commas_and_lines() -> None:
    section = one("  http://h/b,http://h/c\ngpgkey=file:///a\n  https://b/c\nexcludepkgs=a*, b\n")
    assert section.baseurls == ("http://h/a", "http://h/b", "http://h/c")
    assert section.gpgkeys == ("file:///a", "https://b/c")
    assert section.excludepkgs == ("a*", "b")
    assert one("exclude=c d\nincludepkgs=e").excludepkgs == ("c", "d")


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("gpgcheck=0", "gpgcheck", False),
        ("gpgcheck = Yes", "gpgcheck", True),
        ("pkg_gpgcheck=no\ngpgcheck=1", "gpgcheck", False),
        ("", "gpgcheck", None),
        ("enabled=FALSE", "enabled", False),
        ("sslverify=off", "sslverify", False),
        ("proxy=_none_", "proxy", ""),
        ("proxy=http://p:3128", "proxy", "http://p:3128"),
        ("cost=500", "cost", 500),
        ("priority=20", "priority", 20),
        ("sslclientcert=/a.pem\nsslclientkey=/b", "sslclientcert", "/a.pem"),
        ("name=50% off %(name)s", "name", "50% off %(name)s"),
        ("baseurl=http://h/b", "baseurls", ("http://h/b",)),  # said twice: the last counts
    ],
)
def test_each_option_says_what_dnf_takes_it_for(text: str, field: str, value: object) -> None:
    assert getattr(one(text), field) == value


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("gpgcheck=perhaps", "'perhaps' is neither yes nor no"),
        ("cost=cheap", "'cheap' is not a number"),
        ("cost=-1", "'-1' is not a number"),
        ("cost=²", "'²' is not a number"),
        ("cost=" + "9" * 5000, "is not a number"),
    ],
)
def test_a_value_that_makes_no_sense_is_told_with_section_and_file(
    text: str, complaint: str
) -> None:
    with pytest.raises(SourceError) as caught:
        one(text)
    assert complaint in caught.value.problem
    assert caught.value.problem.startswith(f"[a] in {FILE}: ")


def test_what_is_no_such_file_is_told_with_its_line() -> None:
    for text, line in (("<html>\n", 1), ("[a]\nbaseurl=http://h\nnonsense\n", 3), ("x=1\n", 1)):
        with pytest.raises(SourceError) as caught:
            repo_files.parse(text, FILE)
        assert str(caught.value).startswith(f"{FILE}:{line}: this is not a line of a .repo file")


def test_a_repository_without_an_address_is_told() -> None:
    with pytest.raises(SourceError, match=r"\[a\] in \S+ has no address"):
        repo_files.parse("[a]\nname=x\n", FILE)


def test_an_empty_file_has_none() -> None:
    assert repo_files.parse("", FILE) == ()
    assert repo_files.parse("\n# only a comment\n[main]\ngpgcheck=1\n", FILE) == ()


def test_flipped_bits_are_our_error_and_no_other() -> None:
    dice = random.Random(1)
    for _ in range(2000):
        data = bytearray(FEDORA.encode())
        for _ in range(dice.choice((1, 4))):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        try:
            repo_files.parse(data.decode(errors="replace"), FILE)
        except SourceError:
            continue


def test_a_section_called_default_says_nothing_of_the_others() -> None:
    text = "[DEFAULT]\nbaseurl=http://d\ngpgcheck=0\nsslverify=0\n[a]\nbaseurl=http://a\n"
    _, other = repo_files.parse(text, FILE)
    assert other == RepoSection("a", "a", ("http://a",))


@pytest.mark.parametrize(
    "line",
    [
        "baseurl=http://h:port/x",
        "baseurl=http://[x/",
        "baseurl=ftp://h.invalid/x",
        "metalink=http://me:secret@h:x/",
        "gpgkey=socks5://h/key",
        "proxy=squid:3128",
        "proxy=socks5://h:1",
        "username=me",
        "module_hotfixes=1",
    ],
)
def test_what_could_not_be_used_is_refused_where_it_stands(line: str) -> None:
    text = f"[one]\nmirrorlist=http://h.invalid/m\n{line}\n"
    with pytest.raises(SourceError, match=r"\[one\] in a.repo") as refused:
        repo_files.parse(text, Path("a.repo"))
    assert "secret" not in str(refused.value)
    assert repo_files.parse(f"{text}enabled=0\n", Path("a.repo"))[0].enabled is False


def test_both_words_for_leaving_packages_out_count() -> None:
    text = "[one]\nbaseurl=http://h.invalid/x\nexcludepkgs=a b\nexclude=c\n"
    assert repo_files.parse(text, Path("a.repo"))[0].excludepkgs == ("a", "b", "c")
