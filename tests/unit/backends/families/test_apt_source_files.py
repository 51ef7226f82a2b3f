"""Files of apt's sources that somebody hands in: honoured as lines of a kickstart, or refused."""

from pathlib import Path

import pytest

from appliance.backends.families.apt_addresses import explicit
from appliance.backends.families.apt_source_files import parse
from appliance.backends.families.apt_sources import AptSource
from appliance.errors import SourceError

SOURCES, LIST = Path("/etc/acme.sources"), Path("/etc/my tools.list")


def found(text: str, path: Path) -> list[AptSource]:
    return [explicit(repository, "/usual.gpg") for repository in parse(text, path)]


def test_a_deb822_file() -> None:
    text = """\
# ours
Types: deb deb-src
URIs: https://a.example/debian/ file:/srv/debian
Suites: trixie
Components: main
 contrib
Signed-By: /k/a b.gpg
Architectures: amd64
X-Repolib-Name: Ours

Enabled: no
Types: deb
URIs: nonsense
"""
    assert found(text, SOURCES) == [
        AptSource(
            "acme-1", "https://a.example/debian", "trixie", ("main", "contrib"), "/k/a b.gpg"
        ),
        AptSource("acme-2", "file:///srv/debian", "trixie", ("main", "contrib"), "/k/a b.gpg"),
    ]


def test_a_list_says_where_each_line_is() -> None:
    text = "# ours\n\ndeb [arch=amd64 signed-by=/k.gpg] http://a.example/d noble-updates main # x\n"
    assert found(text, LIST) == [
        AptSource("my-tools", "http://a.example/d", "noble-updates", ("main",), "/k.gpg")
    ]
    assert [str(item.where) for item in parse(text, LIST)] == ["/etc/my tools.list:3"]
    assert found("deb http://a.example/d sid main\ndeb-src http://a.example/d sid main\n", LIST)[
        0
    ] == AptSource("my-tools", "http://a.example/d", "sid", ("main",), "/usual.gpg")


STANZA = "\nTypes: deb\nURIs: http://a.example/d\nSuites: trixie\nComponents: main\n"


@pytest.mark.parametrize(
    ("path", "text", "says", "line"),
    [
        (SOURCES, f"{STANZA}Trusted: yes\n", "Trusted: is not honoured", 2),
        (SOURCES, STANZA.replace("trixie", "./"), "an archive without suites", 2),
        (SOURCES, STANZA.replace("Components: main\n", ""), "no Components are named", 2),
        (SOURCES, STANZA.replace("http", "ftp"), "'ftp://a.example/d' is not an address", 2),
        (
            SOURCES,
            f"{STANZA}Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n x\n",
            "a key inside the file is not supported",
            2,
        ),
        (LIST, "deb [trusted=yes] http://a.example/d trixie main\n", "[trusted=…] is not", 1),
        (LIST, "deb http://a.example/d trixie\n", "no Components are named", 1),
        (LIST, "\nnonsense\n", "this is not a line of a .list file", 2),
    ],
)
def test_what_would_not_be_honoured_is_refused_at_its_line(
    path: Path, text: str, says: str, line: int
) -> None:
    with pytest.raises(SourceError) as refused:
        parse(text, path)
    assert refused.value.problem.startswith(says)
    assert refused.value.hint
    assert (refused.value.where.path, refused.value.where.line) == (path, line)  # type: ignore[union-attr]
