"""Kickstarts that are found under the names of 2008."""

from pathlib import Path

import pytest

from appliance.creation import shipped
from appliance.host import probe


@pytest.mark.parametrize(
    ("family", "name"), [("fedora", "aos-fedora.ks"), ("debian", "aos-debian.ks")]
)
def test_the_aos_of_old_is_the_one_of_today(
    family: str, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(probe, "distribution", lambda: family)
    monkeypatch.setattr(shipped, "INSTALLED", tmp_path / "share")
    notes: list[str] = []

    found = shipped.find(tmp_path / "share/aos-f9.ks", say=notes.append)

    assert found == shipped.SOURCES / name
    assert found.is_file()
    assert notes == [f"there is no {tmp_path / 'share/aos-f9.ks'}: taking {found}"]


def test_installed_ones_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(probe, "distribution", lambda: "debian")
    monkeypatch.setattr(shipped, "INSTALLED", tmp_path)
    (tmp_path / "aos-debian.ks").touch()

    assert shipped.find(tmp_path / "aos-f9.ks", say=print) == tmp_path / "aos-debian.ks"
    assert shipped.find(tmp_path / "web-debian.ks", say=print) == shipped.SOURCES / "web-debian.ks"


@pytest.mark.parametrize(
    "path", ["aos-f9.ks", "/somewhere/aos-f9.ks", "/usr/share/appliance-tools/x.ks"]
)
def test_other_names_are_what_they_are(path: str) -> None:
    assert shipped.find(Path(path), say=pytest.fail) == Path(path)
