"""`appliance convert`: what is refused before anything is read."""

from pathlib import Path

import pytest
from as_typed import Typed


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing.raw"], "there is no nothing.raw"),
        (["empty"], "empty is not a bundle: no appliance and no disk in it"),
        (["web.raw", "-f", "raw"], "web.raw is there already\n  try: --force, or -o DIR"),
        (["web.raw", "-f", "raw", "--force"], "web.raw would be replaced by what is made of it"),
        (["web.raw", "-n", "a/b"], "'a/b' cannot be the name of an appliance"),
        (["web.raw", "--sign-key", "web.raw"], "needs both --sign-key and --sign-certificate"),
        (["web.raw", "-f", "tar"], "--format tar: unknown disk format 'tar'"),
        (["web.raw", "-f", "qcow2,qcow2-plain"], "would both be web.qcow2"),
        (["web.raw", "--bundle", "ova", "--include", "web.raw"], "nothing comes along in ova"),
    ],
)
def test_what_cannot_be_is_refused(
    typed: Typed, tmp_path: Path, words: list[str], says: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "web.raw").write_bytes(bytes(512))
    ended = typed("convert", *words)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    there = {path.name for path in tmp_path.iterdir()}
    assert there <= {"empty", "web.raw", "cache"}
