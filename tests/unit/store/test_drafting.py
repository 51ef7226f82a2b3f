"""Directories that are made beside their place."""

from pathlib import Path

import pytest

from appliance.errors import HostError, RequestError
from appliance.store.drafting import check_output, drafting

DEAD = 2**22 + 1  # above the highest number of a process (proc(5), pid_max)


def test_a_draft_lies_beside_its_place_and_is_gone_afterwards(tmp_path: Path) -> None:
    with drafting(tmp_path / "out/deep", "web") as draft:
        assert draft.parent == tmp_path / "out/deep"
        assert draft.name.startswith(".web.")
        (draft / "file").touch()

    assert not (tmp_path / "out").exists()


def test_what_came_of_it_stays_and_so_does_a_directory_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for output in (tmp_path / "out/deep", tmp_path / "there"):
        with drafting(output, "web") as draft:
            (draft / "file").touch()
        assert output.exists() == (output.name == "there")
        with drafting(output, "web") as draft:
            (draft / "file").touch()
            (draft / "file").rename(output / "file")
        assert [path.name for path in output.iterdir()] == ["file"]


def test_it_is_absolute_whatever_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with drafting(Path("out"), "web") as draft:
        assert draft == tmp_path / "out" / draft.name


def test_what_has_been_moved_away_is_no_trouble(tmp_path: Path) -> None:
    with drafting(tmp_path, "web") as draft:
        draft.rename(tmp_path / "web")

    assert [path.name for path in tmp_path.iterdir()] == ["web"]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), drafting(tmp_path, "web") as draft:
        (draft / "file").touch()
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_what_killed_builds_left_goes_and_what_others_make_stays(tmp_path: Path) -> None:
    alive = 1
    left = [f".w[e]b.{DEAD}.part", f".w[e]b.{alive}.part", f".web.{DEAD}.part"]
    for name in left:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()

    with drafting(tmp_path, "w[e]b"):
        pass

    assert {path.name for path in tmp_path.iterdir()} == set(left[1:])


def test_a_place_that_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for place in (tmp_path / "file", tmp_path / "file/below"):
        with pytest.raises(RequestError, match="is not a directory"), drafting(place, "web"):
            pass


def test_a_place_that_cannot_be_written_to() -> None:
    with pytest.raises(HostError, match="cannot be written to"), drafting(Path("/proc"), "web"):
        pass


@pytest.mark.parametrize("output", ["out", "out/deep", "there"])
def test_an_output_is_tried_and_nothing_stays(tmp_path: Path, output: str) -> None:
    (tmp_path / "there").mkdir()
    check_output(tmp_path / output)
    assert [place.name for place in tmp_path.rglob("*")] == ["there"]


@pytest.mark.parametrize(
    ("output", "error", "says"),
    [
        ("file", RequestError, "is not a directory"),
        ("file/x/y", RequestError, "is not a directory"),
        ("dangling", HostError, "cannot be written to: No such file"),
        ("/proc/appliance", HostError, "cannot be written to"),
    ],
)
def test_an_output_that_cannot_be_written_is_said(
    tmp_path: Path, output: str, error: type[Exception], says: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(error, match=f"{output} {says}"):
        check_output(tmp_path / output)
