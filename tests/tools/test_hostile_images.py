"""One table of hostile images is thrown at every command that takes one: each refuses all of it, in
one message, shows nothing of this machine and leaves nothing behind."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.cli import main, virt_image
from hostile_images import ALL, SECRET, SIZE, xml

PROGRAM = {"virt-image": virt_image.main, "appliance": main}
# What is typed: {image} is the hostile one, {fine} a disk that is well, {out} a directory.
COMMANDS = {
    "run": "run {image}",
    "test": "test {image} --output {out}/report",
    "convert": "convert {image} -f raw -f qcow2 -o {out}",
    "diff": "diff {image} {fine}",
    "diff, the other way": "diff {fine} {image}",
    "shell": "shell {image} cat /etc/hostname",
    "lint": "lint {image}",
    "run XML": "run {xml}",
    "convert XML": "convert {xml} -f raw -o {out}",
    "virt-image": "virt-image --print {xml}",
    "virt-image --in-place": "virt-image --print --in-place {xml}",
}
STORED = ("run", "test", "convert", "diff", "shell", "lint")  # commands that have --store
REFUSED = 2


@dataclass(frozen=True)
class Row:
    """One hostile image on the disk."""

    place: Path
    image: Path
    xml: Path


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """The whole table, made once: nothing may change it."""
    whole = tmp_path_factory.mktemp("hostile")
    made = {}
    for each in ALL:
        place = whole / each.name / "given"
        place.mkdir(parents=True)
        (place.parent / "secret.raw").write_bytes(SECRET.ljust(SIZE, b"\n"))
        image = each.make(place)
        described = xml(image.name, each.said)(place) if each.said else image
        made[each.name] = Row(place, image, described)
    return made


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where everything that a command leaves would be; afterwards, nothing is."""
    place = tmp_path / "out"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr("tempfile.tempdir", str(place))
    yield place
    assert list(place.iterdir()) == []


def everything(place: Path) -> list[str]:
    return sorted(str(path) for path in place.rglob("*"))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        pytest.param(words, each.name, id=f"{command}-{each.name}")
        for command, words in COMMANDS.items()
        for each in ALL
        if each.said or "{xml}" not in words
    ],
)
def test_every_command_refuses_it(
    words: str, name: str, rows: dict[str, Row], out: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    row = rows[name]
    fine, store = out.parent / "fine.raw", out.parent / "store"
    fine.write_bytes(bytes(SIZE))
    before = everything(row.place.parent)
    said = words.format(image=row.image, xml=row.xml, fine=fine, out=out).split()
    program: Callable[[list[str]], int] = PROGRAM.get(said[0], main)
    if said[0] in STORED:
        said[1:1] = ["--store", str(store)]
    arguments = said[1:] if said[0] in PROGRAM else said

    status = program(arguments)

    printed = capfd.readouterr()
    assert status == REFUSED, printed
    if said[0] != "lint" or ".ov" not in row.image.name:  # of which it has findings, no error
        assert re.fullmatch(r"[a-z-]+: [^\n]+\n(  \| [^\n]+\n)?(  try: [^\n]+\n)?", printed.err)
        assert printed.out == ""
    assert SECRET.decode() not in printed.out + printed.err
    assert everything(row.place.parent) == before
    for path in store.rglob("*"):
        assert not path.is_file() or SECRET not in path.read_bytes()
