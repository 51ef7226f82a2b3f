"""Lists of mirrors in files: where a repository's base addresses come from."""

from pathlib import Path

import pytest

from appliance.errors import SourceError
from appliance.host.download import RemoteAccess
from appliance.packages import mirror_lists
from appliance.packages.mirror_lists import reached

METALINK = """\
<metalink version="3.0" xmlns="http://www.metalinker.org/"><files><file name="repomd.xml">
<resources>
<url protocol="https" preference="90">https://b.example/x/repodata/repomd.xml</url>
<url protocol="https" preference="100">https://a.example/$stream/repodata/repomd.xml</url>
<url protocol="rsync" preference="100">rsync://a.example/x/repodata/repomd.xml</url>
</resources></file></files></metalink>
"""


def test_a_known_address_is_not_asked_for() -> None:
    access = RemoteAccess(("http://a.example",), metalink="file:///nowhere")

    assert reached(access) is access


def test_a_metalink_names_the_best_first_and_the_rest_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "metalink"
    file.write_text(METALINK)
    access = RemoteAccess(metalink=f"file://{file}", proxy="http://p", variables=(("stream", "9"),))

    found = reached(access)

    assert found.urls == ("https://a.example/9", "https://b.example/x")
    assert (found.proxy, found.metalink) == (access.proxy, access.metalink)


def test_a_mirrorlist_is_taken_in_its_order(tmp_path: Path) -> None:
    file = tmp_path / "mirrors"
    file.write_text(
        "# comment\nhttp://a.example/${stream}/\nftp://b.example\nhttp://c.example/$x\n"
    )

    found = reached(RemoteAccess(mirrorlist=f"file://{file}", variables=(("stream", "9"),)))

    assert found.urls == ("http://a.example/9", "http://c.example/$x")


@pytest.mark.parametrize("text", ["", "# nothing\n", "<html>moved</html>", "ftp://b.example\n"])
def test_a_list_without_mirrors(text: str, tmp_path: Path) -> None:
    file = tmp_path / "mirrors"
    file.write_text(text)

    with pytest.raises(SourceError, match="names no mirror"):
        reached(RemoteAccess(mirrorlist=f"file://{file}"))


def test_a_metalink_that_is_no_xml(tmp_path: Path) -> None:
    file = tmp_path / "metalink"
    file.write_text("<metalink")

    with pytest.raises(SourceError):
        reached(RemoteAccess(metalink=f"file://{file}"))


def test_a_list_that_is_not_there_or_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mirrors"
    access = RemoteAccess(mirrorlist=f"file://{file}")

    with pytest.raises(SourceError, match=f"{file} is not there"):
        reached(access)
    monkeypatch.setattr(mirror_lists, "LIMIT", 10)
    file.write_text("http://a.example/\n")
    with pytest.raises(SourceError, match="more than 10 bytes"):
        reached(access)
