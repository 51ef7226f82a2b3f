"""`%certificate` sections: what they become, and what is refused."""

from pathlib import Path

import pytest

from appliance.backends.families.shell.certificates import (
    DEBIAN_ANCHORS,
    RPM_ANCHORS,
    certificates,
    needed_packages,
    seeds,
)
from appliance.recipe.reading.load import load, problems
from appliance.recipe.settings import Settings

PEM = "-----BEGIN CERTIFICATE-----\nMIIB # +/=\n-----END CERTIFICATE-----\n"


def settings(place: Path, *headers: str) -> Settings:
    file = place / "x.ks"
    sections = "".join(f"%certificate {header}\n{PEM}%end\n" for header in headers)
    file.write_text(f"part / --size=1024\n{sections}")
    return load(file).settings


def test_a_certificate_is_there_before_the_first_package_and_after_the_last(tmp_path: Path) -> None:
    found = settings(tmp_path, "--filename=a.pem --dir=/etc/pki/new/", "--filename b.pem --dir /x")
    assert [(item.directory, item.name, item.text) for item in found.certificates] == [
        ("/etc/pki/new", "a.pem", PEM),
        ("/x", "b.pem", PEM),
    ]
    assert seeds(found) == (("etc/pki/new/a.pem", PEM),)
    script = certificates(found.certificates, RPM_ANCHORS)
    assert "> /etc/pki/new/a.pem\n" in script
    assert "update-ca" not in script
    assert needed_packages(found) == set()


def test_an_anchor_goes_where_the_distribution_looks_for_it(tmp_path: Path) -> None:
    found = settings(tmp_path, "--filename=ca.pem --type=anchor")
    assert seeds(found) == ()
    assert needed_packages(found) == {"ca-certificates"}
    rpm = certificates(found.certificates, RPM_ANCHORS)
    assert "> /etc/pki/ca-trust/source/anchors/ca.pem\n" in rpm
    assert "\nupdate-ca-trust extract\n" in rpm
    debian = certificates(found.certificates, DEBIAN_ANCHORS)
    assert "> /usr/local/share/ca-certificates/ca.crt\n" in debian
    assert "\nupdate-ca-certificates\n" in debian


WRONG = [
    ("--dir=/etc/pki", PEM, "no --filename"),
    ("--filename=../a --dir=/etc/pki", PEM, "'../a' is not the name of a file"),
    ("--filename=a.pem", PEM, "no --dir"),
    ("--filename=a.pem --dir=pki", PEM, "'pki' is not an absolute path"),
    ("--filename=a.pem --dir=/etc/../pki", PEM, "is not an absolute path"),
    ("--filename=a.pem --type=server", PEM, "'server' is no type of certificates"),
    ("--filename=a.pem --dir=/etc/pki", "\n", "the section is empty"),
    ("--filename=a.pem --directory=/etc/pki", PEM, "unknown option '--directory'"),
]


@pytest.mark.parametrize(("header", "body", "words"), WRONG)
def test_what_is_wrong_is_refused_with_its_line(
    header: str, body: str, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"part / --size=1024\n%certificate {header}\n{body}%end\n")
    found, recipe = problems(file)
    assert recipe is None
    assert words in found[0].problem
    assert found[0].where is not None
    assert (found[0].where.path.name, found[0].where.line) == ("x.ks", 2)
