"""Passphrases are read where their sources say, and what is wrong is told without them."""

from pathlib import Path

import pytest

from appliance.creation.passphrases import passphrases
from appliance.errors import ApplianceError, RecipeError, RequestError, Where
from appliance.host.passphrase_sources import LONGEST, named
from appliance.layout.areas import Area, Encrypted
from appliance.plan.model import Plan
from appliance.steps.assemble_disk import AssembleDisk, Piece


def plan(*sources: str) -> Plan:
    """One of a disk whose partitions are encrypted with what is in *sources*; empty: not."""
    pieces = tuple(
        Piece(number, "L", "u", area(source, number))
        for number, source in enumerate(sources, start=1)
    )
    disk = AssembleDisk("sda", "gpt", 1 << 20, "u", pieces, (), (), (), ())
    return Plan("web", 0, (disk,), (disk.gives,))


def area(source: str, line: int) -> Area:
    inside = Encrypted("u", "luks-u", source, "", "", 0, 0, 0) if source else None
    where = Where(Path("web.ks"), line)
    return Area(0, 1, "ext4", "u", "/", (), "", "", where, encryption=inside)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secret"


def test_variables_and_files(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISK", "from the environment")
    file.write_text("from a file\n")

    assert named("env:DISK") == "from the environment"
    assert named(f"file:{file}") == "from a file"


@pytest.mark.parametrize(
    ("content", "passphrase"), [("a", "a"), ("a b \n", "a b "), ("é" * LONGEST, "é" * LONGEST)]
)
def test_a_file_is_one_line_with_or_without_its_end(
    content: str, passphrase: str, file: Path
) -> None:
    file.write_text(content, encoding="utf-8")

    assert named(f"file:{file}") == passphrase


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"a\nb\n", "nobody could type"),
        (b"a\n\n", "nobody could type"),
        (b"a\tb", "nobody could type"),
        (b"x" * (LONGEST + 1), "nobody could type"),
        (b"x" * (LONGEST + 1) + b"\n", "nobody could type"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_cannot_be_typed_at_the_boot_is_refused(content: bytes, said: str, file: Path) -> None:
    file.write_bytes(content)

    with pytest.raises(RequestError, match=said):
        named(f"file:{file}")


def test_a_source_that_is_not_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISK", raising=False)

    with pytest.raises(RequestError, match="DISK, which is not set"):
        named("env:DISK")
    with pytest.raises(RequestError, match="cannot be read from"):
        named(f"file:{file}")
    monkeypatch.setenv("DISK", "")
    with pytest.raises(RequestError, match="from env:DISK is empty"):
        named("env:DISK")


@pytest.mark.parametrize("source", ["hunter2", "hunter2:x", ""])
def test_a_passphrase_instead_of_its_place_is_not_repeated(source: str) -> None:
    with pytest.raises(RequestError) as caught:
        named(source)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "part / --encrypted --passphrase=secret --size=1",
        "part / --encrypted --passphrase secret",
        "part / --passphrase='secret' # --passphrase=other",
        'part / --label="a b" "--passphrase=secret"',
    ],
)
def test_the_line_of_the_kickstart_is_read_again(line: str, file: Path) -> None:
    file.write_text(f"# one\n{line}\n")
    source = f"kickstart:{file}:2"

    assert passphrases(plan("", source)) == {source: "secret"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# one\npart /\n", "no passphrase any more"),
        ("# one\n", "no passphrase any more"),
        ("# one\n# part / --passphrase=x\n", "no passphrase any more"),
        ("# one", "cannot be read again"),
        ("# one\npart 'unfinished\n", "cannot be read again"),
        (None, "cannot be read again"),
    ],
)
def test_a_line_that_has_changed_meanwhile(text: str | None, said: str, file: Path) -> None:
    if text is not None:
        file.write_text(text)

    with pytest.raises(RecipeError, match=said):
        passphrases(plan(f"kickstart:{file}:2"))


@pytest.mark.parametrize("line", ["part / --passphrase=", "part / --passphrase"])
def test_an_empty_one_in_the_line(line: str, file: Path) -> None:
    file.write_text(line)

    with pytest.raises(RequestError, match="the passphrase from this line is empty"):
        passphrases(plan(f"kickstart:{file}:1"))


def test_every_error_says_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOD", "x")
    monkeypatch.delenv("BAD", raising=False)

    with pytest.raises(ApplianceError) as caught:
        passphrases(plan("env:GOOD", "env:BAD"))
    assert str(caught.value).startswith("web.ks:2: ")


def test_only_what_is_encrypted_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", "x")

    assert passphrases(plan("", "")) == {}
    assert passphrases(plan("env:ONE", "", "env:ONE")) == {"env:ONE": "x"}
