"""`appliance-creator`: the words of 2008, and what they mean as the value of a build."""

from pathlib import Path

import pytest
from as_typed import Typed

from appliance.cli import creator
from appliance.creation.request import Request
from appliance.units import MIB


def asked(*words: str | Path) -> Request:
    return creator.request(creator.parser().parse_args(["-c", "web.ks", *map(str, words)]))


def test_a_kickstart_that_is_not_there(typed: Typed) -> None:
    ended = typed("-c", "web.ks", program=creator.main)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "appliance-creator: there is no file web.ks\n"


def test_a_kickstart_has_to_be_named(typed: Typed) -> None:
    ended = typed("-n", "web", program=creator.main)
    assert ended.code == 2
    assert "the following arguments are required: -c/--config" in ended.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-a", "web"], "-a is no option any more\n  try: -f FORMAT"),
        (["--source"], "--source is no option any more\n  try: leave it out"),
        (["-c", "http://x/web.ks"], "http://x/web.ks: this is not fetched\n  try: curl -O http:"),
        (["--formt", "raw"], "unrecognized arguments: --formt"),
        (["-p", "rar"], "--package rar: this is not one of none, zip, "),
    ],
)
def test_what_is_refused(typed: Typed, words: list[str], says: str) -> None:
    ended = typed("-c", "web.ks", *words, program=creator.main)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err


@pytest.mark.parametrize(
    ("words", "form"),
    [
        ([], "raw.xz"),
        (["-f", "raw", "--no-compress"], "raw"),
        (["--format=qcow2"], "qcow2"),
        (["-f", "qcow2", "--no-compress"], "qcow2-plain"),
        (["-f", "vmdk"], "vmdk"),
    ],
)
def test_formats_of_old(words: list[str], form: str) -> None:
    assert asked(*words).target.formats == (form,)


def test_the_words_of_koji(tmp_path: Path) -> None:
    words = ["--config", tmp_path / "web.ks", "--name", "web", "--version", "44", "--release", "1",
             "--logfile", "app.log", "--cache", "c", "--tmpdir", tmp_path, "--vmem", "256",
             "--vcpu", "2", "--format", "qcow2", "--outdir", "o", "--debug", "--checksum",
             "-p", "tar.bz2"]  # fmt: skip
    wanted = asked(*words)
    assert (wanted.overrides.name, wanted.sheet.version, wanted.sheet.release) == ("web", "44", "1")
    assert (wanted.target.memory, wanted.sheet.cpus) == (256 * MIB, 2)
    assert (wanted.output, wanted.handover.packages) == (Path("o"), Path("c"))
    assert (wanted.handover.checksums, wanted.handover.forms) == (True, ("tar.bz2",))
    assert wanted.store.parent == tmp_path


def test_nothing_said_is_what_it_was_in_2008() -> None:
    wanted = asked()
    assert wanted.target.memory == 512 * MIB
    assert (wanted.overrides.table, wanted.output) == ("msdos", Path())
    assert (wanted.repositories.lenient, wanted.handover.sums, wanted.handover.log) == (
        *(True, False, False),
    )
