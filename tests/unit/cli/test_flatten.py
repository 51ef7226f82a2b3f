"""`appliance flatten`: one file that means the same."""

from pathlib import Path

import pytest

from appliance.cli import flatten
from appliance.cli.parsing import Parser
from appliance.errors import RecipeError, RequestError
from appliance.recipe.reading.load import load


def run(*words: str | Path) -> int:
    parser = Parser()
    flatten.add_to(parser.add_subparsers())
    options = parser.parse_args(["flatten", *map(str, words)])
    code: int = options.run(options)
    return code


def test_what_is_included_stands_where_it_is_included(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/disk.ks").write_text("part / --size=1024\n%include more.ks\n")
    (tmp_path / "parts/more.ks").write_text("part /srv --size=99 # data\n")
    file = tmp_path / "x.ks"
    file.write_text("# mine\n%include disk.ks\nrootpw secret\n%post\necho '#' $X\n%end\n")

    assert run(file, "--include-path", tmp_path / "parts") == 0

    text = capsys.readouterr().out
    assert text == (
        "# mine\npart / --size=1024\npart /srv --size=99 # data\nrootpw secret\n"
        "%post\necho '#' $X\n%end\n"
    )
    assert run(file, "--include-path", tmp_path / "parts", "-o", tmp_path / "x.flat.ks") == 0
    assert (tmp_path / "x.flat.ks").read_text() == text
    assert [item.mount_point for item in load(tmp_path / "x.flat.ks").volumes] == ["/", "/srv"]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    file = tmp_path / "x.ks"
    file.write_text("lang C\n")

    with pytest.raises(RequestError, match="cannot write .*/none/x: No such file"):
        run(file, "-o", tmp_path / "none/x")
    with pytest.raises(RequestError, match="this is a directory"):
        run(tmp_path)


def test_what_is_not_there_is_said_and_nothing_written(tmp_path: Path) -> None:
    file = tmp_path / "x.ks"
    file.write_text("lang C\n%include gone.ks\n")

    with pytest.raises(RecipeError, match="x.ks:2: there is no file to include"):
        run(file, "-o", tmp_path / "flat.ks")
    assert not (tmp_path / "flat.ks").exists()


def test_an_exclude_that_would_yield_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "base.ks").write_text("%packages\n-kernel # none\nbash\n%end\n")
    file = tmp_path / "x.ks"
    file.write_text("%include base.ks\n%packages\n-vim\n%end\n%post\n-x\n%end\n")
    assert run(file) == 0
    (said,) = capsys.readouterr().err.splitlines()
    assert said.endswith("base.ks:2: -kernel holds in any case now: in an included file it yields")
