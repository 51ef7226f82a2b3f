"""Kickstarts of other people, and texts that nobody would write: never a traceback."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import corpus

from appliance.creation.foresee import Launched, foresee
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides
from appliance.recipe.reading.commands import COMMANDS, SECTIONS
from appliance.recipe.repository_options import RepositoryOptions

OURS = Path(__file__).parents[2] / "data"
EXAMPLES = int(os.environ.get("APPLIANCE_FUZZ", "100"))
THEIRS = os.environ.get("APPLIANCE_KICKSTARTS", "")
OPTIONS = sorted(
    {
        option
        for answer in (*COMMANDS.values(), *SECTIONS.values())
        for option in getattr(answer, "options", ())
    }
)
VALUES = (
    "",
    "=",
    "=-1",
    "=0",
    "=9" * 30,
    "='",
    "=/",
    "=..",
    "=\u0663",
    "=a,b",
    "=$x",
    "=@",
    "=1.5",
)
LINES = [
    line
    for path in sorted(OURS.rglob("*.ks"))
    for line in path.read_text(errors="replace").splitlines()
]


def test_ours_are_counted() -> None:
    tallies = corpus.measure(OURS)

    assert corpus.whole(tallies).broken == []
    assert corpus.whole(tallies).planned > 10
    assert "fixtures" in corpus.table(tallies)


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        ("rocky/9/base.ks", "url --url=http://mirror.example.org/$releasever/os"),
        ("a.ks", ""),
        ("a.ks", "repo --name=a --baseurl=http://h/$b/$c\nrepo --name=d --baseurl=http://h/"),
        ("a.ks", "repo --name=rhel-9"),
        ("a.ks", "repo --name=fedora-44\npart /boot --fstype=vfat --size=99"),
        ("a.ks", "repo --name=fedora-44\npart /srv --size=900 --encrypted"),
    ],
)
def test_what_advice_says_is_typed(tmp_path: Path, place: str, lines: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"rootpw --lock\npart / --size=900\n{lines}\n%packages\n%end\n")

    first, last = corpus.as_a_user(file)

    assert first.problems or first.open
    assert (last.problems, last.open) == ((), None)


@pytest.mark.skipif(not THEIRS, reason="APPLIANCE_KICKSTARTS names no directory")
def test_no_kickstart_of_others_ends_in_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    tallies = corpus.measure(Path(THEIRS))

    with capsys.disabled():
        os.write(1, f"\n{corpus.table(tallies)}\n".encode())
    assert corpus.whole(tallies).roots
    assert corpus.whole(tallies).broken == []


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


WORDS = st.sampled_from([*COMMANDS, *SECTIONS, "%end", "%include", "#"])
OPTION = st.builds(str.__add__, st.sampled_from(OPTIONS), st.sampled_from(VALUES))
FREE = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MADE = st.builds(
    lambda word, rest: " ".join((word, *rest)),
    WORDS,
    st.lists(
        st.one_of(OPTION, FREE, st.sampled_from(["/", "swap", "pv.1", "btrfs.1"])), max_size=4
    ),
)
LINE = st.one_of(st.sampled_from(LINES), MADE, FREE)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(LINE, max_size=12))
def test_no_text_ends_in_a_traceback(scratch: Path, lines: list[str]) -> None:
    file = scratch / "x.ks"
    file.write_text("\n".join(["part / --size=1000", *lines]))

    found = foresee(file, Overrides(), RepositoryOptions(), Launched(Target()))

    assert all(str(error) for error in found.problems)


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=st.binary(max_size=200))
def test_no_bytes_end_in_a_traceback(scratch: Path, raw: bytes) -> None:
    file = scratch / "x.ks"
    file.write_bytes(b"part / --size=1000\n" + raw)

    foresee(file, Overrides(strict="F44"), RepositoryOptions(), Launched(Target()))
