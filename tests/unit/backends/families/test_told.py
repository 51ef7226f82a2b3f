"""Whose packages they are: said by a tree's .treeinfo, by repomd.xml, and on the command line."""

import pytest

from appliance.backends.families.told import by_system, by_tree, spoken
from appliance.backends.package_managers import repomd
from appliance.errors import SourceError


@pytest.mark.parametrize(
    ("cpe", "family", "release"),
    [
        ("cpe:/o:fedoraproject:fedora:44", "fedora", "44"),
        ("cpe:/o:centos:centos:9", "centos-stream", "9"),
        ("cpe:/o:redhat:enterprise_linux:8::baseos", "rhel", "8"),
        ("cpe:/o:redhat:enterprise_linux:10.1", "rhel", "10"),
        ("cpe:2.3:o:almalinux:almalinux:9", "almalinux", "9"),
        ("cpe:/o:oracle:linux", "oracle", ""),
    ],
)
def test_repomd_says_it(cpe: str, family: str, release: str) -> None:
    text = f"""<repomd xmlns="http://linux.duke.edu/metadata/repo">
        <tags><distro cpeid="{cpe}">A Linux</distro></tags></repomd>"""
    (said,) = repomd.parse(text.encode()).systems
    told = by_system(said)
    assert told
    assert (told.family.name, told.release) == (family, release)


@pytest.mark.parametrize(
    ("text", "family", "release"),
    [
        ("[general]\nfamily = Fedora\nversion = 44\n", "fedora", "44"),
        ("[general]\nfamily = AlmaLinux\nversion = 8.10\n", "almalinux", "8"),
        ("[release]\nname = Rocky Linux\nshort = Rocky\nversion = 9.5\n", "rocky", "9"),
        ("[release]\nname = Red Hat Enterprise Linux\nversion = 10.1\n", "rhel", "10"),
        ("[general]\nfamily = CentOS Stream\nversion = 9\n", "centos-stream", "9"),
    ],
)
def test_a_treeinfo_says_it(text: str, family: str, release: str) -> None:
    told = by_tree(text)
    assert told
    assert (told.family.name, told.release) == (family, release)


@pytest.mark.parametrize("text", ["", "<html>", "[general]\nfamily = Ours\n", "[general", "x\0y"])
def test_what_says_nothing(text: str) -> None:
    assert by_tree(text) is None
    assert by_system(text) is None


def test_amazon_linux_is_refused_by_name() -> None:
    with pytest.raises(SourceError, match="Amazon Linux is not made here"):
        by_system("cpe:2.3:o:amazon:amazon_linux:2023")
    with pytest.raises(SourceError, match="Amazon Linux is not made here"):
        by_tree("[general]\nfamily = Amazon Linux\nversion = 2023\n")


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("44", ("", "44")),
        ("fedora-44", ("fedora", "44")),
        ("centos-stream-9", ("centos-stream", "9")),
        ("fedora", ("fedora", "")),
        ("debian-trixie", ("debian", "trixie")),
        ("trixie", ("", "trixie")),
        ("", ("", "")),
    ],
)
def test_the_command_line_says_it(said: str, parts: tuple[str, str]) -> None:
    assert spoken(said) == parts
