"""`appliance plan` and `appliance lock`, as far as they go without a repository."""

from pathlib import Path

import pytest
from as_typed import Typed


@pytest.mark.parametrize("command", ["plan", "lock"])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "appliance: there is no file web.ks\n"),
        ("part / --size=900\n", "no repository says which distribution this is\n  try: "),
        ("part / --size=900 --fstype=nonsense\n", "web.ks:1: unknown filesystem 'nonsense'"),
        ("lan cs\npart / --size=900\n", "web.ks:1: unknown command 'lan'\n  try: lang"),
    ],
)
def test_what_is_wrong_is_told(
    typed: Typed, tmp_path: Path, command: str, text: str | None, says: str
) -> None:
    if text:
        (tmp_path / "web.ks").write_text(text)
    ended = typed(command, "web.ks")
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert not (tmp_path / "web.lock").exists()
