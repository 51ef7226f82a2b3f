"""Includes that a server has."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import RecipeError
from appliance.host.download import fetch_text
from appliance.recipe.overrides import Overrides, Reading
from appliance.recipe.reading.load import load
from mirror import Mirror, serving

READING = Overrides(reading=Reading(fetch=fetch_text))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Mirror]:
    (tmp_path / "www").mkdir()
    with serving(tmp_path / "www") as mirror:
        yield mirror


def test_they_are_read_as_if_they_stood_there(server: Mirror, tmp_path: Path) -> None:
    (server.place / "base.ks").write_bytes("# caf\xe9\nlang cs_CZ.UTF-8\n".encode("latin-1"))
    file = tmp_path / "x.ks"
    file.write_text(f"part / --size=900\n%include {server.url}/base.ks\n")

    assert load(file, overrides=READING).settings.language == "cs_CZ.UTF-8"


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        ("gone.ks", None, "there is nothing at http"),
        ("self.ks", "%include {url}/self.ks\n", "includes itself"),
        ("large.ks", "#" * (2 << 20), "has more than 1048576 bytes"),
        ("wrong.ks", "lan cs\n", "wrong.ks:1: unknown command 'lan'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    path: str, text: str | None, problem: str, server: Mirror, tmp_path: Path
) -> None:
    if text is not None:
        (server.place / path).write_text(text.replace("{url}", server.url))
    file = tmp_path / "x.ks"
    file.write_text(f"part / --size=900\n%include {server.url}/{path}\n")

    with pytest.raises(RecipeError) as refusal:
        load(file, overrides=READING)

    assert problem in str(refusal.value)
    assert refusal.value.where is not None
