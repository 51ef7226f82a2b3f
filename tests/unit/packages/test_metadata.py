"""What is read out of dnf's cache: a repository of two packages, written by hand."""

import gzip
from pathlib import Path

import pytest

from appliance.backends.package_managers import comps
from appliance.errors import SourceError
from appliance.packages import metadata
from appliance.packages.metadata import Metadata

PACKAGE = """\
<package type="rpm"><name>{name}</name><arch>noarch</arch>
<version epoch="0" ver="1" rel="1"/><checksum type="sha256" pkgid="YES">{sum}</checksum>
<time file="5" build="4"/><size package="7" installed="9" archive="9"/>
<location href="Packages/{name}.rpm"/></package>
"""
PRIMARY = (
    '<metadata xmlns="http://linux.duke.edu/metadata/common" packages="2">\n'
    + "".join(PACKAGE.format(name=name, sum="0" * 64) for name in ("alpha", "beta"))
    + "</metadata>\n"
)
GROUPS = """\
<comps><group><id>core</id><name>Core</name><packagelist>
<packagereq type="mandatory">alpha</packagereq></packagelist></group></comps>
"""


def listed(**places: str) -> str:
    records = "".join(
        f'<data type="{kind}"><location href="{place}"/><timestamp>5</timestamp></data>'
        for kind, place in places.items()
    )
    return f'<repomd xmlns="http://linux.duke.edu/metadata/repo">{records}</repomd>'


def cached(cache: Path, *, number: str = "0" * 16, **places: str) -> Metadata:
    folder = cache / f"fedora-{number}/repodata"
    folder.mkdir(parents=True)
    (folder / "repomd.xml").write_text(listed(**places))
    for kind, text in (("primary", PRIMARY), ("group", GROUPS), ("group_gz", GROUPS)):
        if kind in places:
            content = text.encode()
            name = Path(places[kind]).name
            (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return Metadata(cache, "fedora")


@pytest.mark.parametrize("suffix", [".xml", ".xml.gz"])
def test_packages_are_found(suffix: str, tmp_path: Path) -> None:
    found = cached(tmp_path, primary=f"repodata/x-primary{suffix}")

    assert found.names() == ("alpha", "beta")
    key = ("beta", "1-1", "noarch")
    assert set(found.find([key, ("gamma", "1-1", "noarch")])) == {key}


def test_groups_are_read_packed_or_not_and_may_be_missing(tmp_path: Path) -> None:
    plain = cached(tmp_path / "a", group="repodata/comps.xml").comps()
    packed = cached(tmp_path / "b", group_gz="repodata/comps.xml.gz").comps()

    assert plain == packed != comps.EMPTY
    assert cached(tmp_path / "c", primary="repodata/p.xml").comps() == comps.EMPTY


def test_of_two_group_files_the_one_that_dnf_kept_is_read(tmp_path: Path) -> None:
    found = cached(tmp_path, group="repodata/comps.xml", group_gz="repodata/comps.xml.gz")
    expected = found.comps()
    (found.place / "repodata/comps.xml.gz").unlink()

    assert Metadata(tmp_path, "fedora").comps() == expected


def test_the_place_is_dnfs_for_exactly_this_name(tmp_path: Path) -> None:
    cached(tmp_path, number="1" * 16, primary="p.xml")
    (tmp_path / f"fedora-updates-{'2' * 16}/repodata").mkdir(parents=True)
    (tmp_path / f"fedora-updates-{'2' * 16}/repodata/repomd.xml").touch()

    found = Metadata(tmp_path, "fedora")

    assert found.place == tmp_path / f"fedora-{'1' * 16}"
    assert found.signed_part == found.place / "repodata/repomd.xml"


def test_what_dnf_did_not_keep_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="dnf kept no metadata of fedora"):
        Metadata(tmp_path, "fedora").names()
    found = cached(tmp_path, primary="repodata/p.xml")
    (found.place / "repodata/p.xml").unlink()
    with pytest.raises(SourceError, match="dnf kept no primary metadata"):
        found.names()


def test_a_repository_without_packages_listed(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="has no primary metadata"):
        cached(tmp_path, group="repodata/comps.xml").names()


def test_a_place_outside_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "evil.xml").write_text(PRIMARY)
    found = cached(tmp_path, group="repodata/comps.xml", primary="../../../evil.xml")
    (found.place / "repodata/evil.xml").unlink()

    with pytest.raises(SourceError, match="dnf kept no primary"):
        found.names()


def test_groups_that_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = cached(tmp_path, group="repodata/comps.xml")

    monkeypatch.setattr(metadata, "LIMIT", len(GROUPS))
    assert found.comps() != comps.EMPTY
    monkeypatch.setattr(metadata, "LIMIT", len(GROUPS) - 1)
    with pytest.raises(SourceError, match="larger than anybody expects"):
        found.comps()
