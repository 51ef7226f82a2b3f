"""What `check` foresees of a kickstart itself; of its launchers, test_foresee_launch.py."""

from pathlib import Path

import pytest

from appliance.creation import foresee as foreseeing
from appliance.creation.foresee import NO_REPOSITORY, Foreseen, Launched, foresee
from appliance.errors import RecipeError, RequestError
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides
from appliance.recipe.repository_options import RepositoryOptions

TARGET = Launched(Target())
WHOLE = "part biosboot --fstype=biosboot --size=1\npart / --size=1000\n%packages\n%end\n"


def looked(
    tmp_path: Path, text: str, *, repositories: tuple[str, ...] = (), launched: Launched = TARGET
) -> Foreseen:
    file = tmp_path / "web.ks"
    file.write_text(text)
    return foresee(file, Overrides(), RepositoryOptions(repositories=repositories), launched)


def test_a_repository_that_is_still_to_be_named_is_a_note(tmp_path: Path) -> None:
    found = looked(tmp_path, WHOLE)

    assert found.problems == ()
    assert [note.text for note in found.notes].count(NO_REPOSITORY) == 1


def test_with_a_repository_there_is_no_such_note(tmp_path: Path) -> None:
    found = looked(tmp_path, WHOLE, repositories=("debian-trixie",))

    assert found.problems == ()
    assert NO_REPOSITORY not in [note.text for note in found.notes]


def test_all_that_cannot_be_read_is_told_at_once(tmp_path: Path) -> None:
    found = looked(tmp_path, "nonsense\npart / --size=x\n" + WHOLE)

    assert len(found.problems) >= 2
    assert {str(each).split(":")[1] for each in found.problems} >= {"1", "2"}
    assert found.notes == ()


def test_disks_that_are_too_small_are_a_problem(tmp_path: Path) -> None:
    found = looked(tmp_path, WHOLE, launched=Launched(Target(disk_size=10 << 20)))

    (problem,) = found.problems
    assert isinstance(problem, RecipeError)
    assert "10 MiB" in str(problem)


def test_disks_that_a_pre_is_still_to_divide_are_no_problem(tmp_path: Path) -> None:
    """Whether firmware could start them is seen when it has run."""
    text = (
        "clearpart --all --disklabel=gpt\n"
        "part / --fstype=ext4 --onpart=vda2\n"
        "%pre\nsgdisk /dev/vda --new=2\n%end\n"
    )
    found = looked(tmp_path, text)

    assert found.problems == ()
    assert any("a build runs that first" in note.text for note in found.notes)


def test_a_repository_that_nobody_knows_is_a_problem(tmp_path: Path) -> None:
    (problem,) = looked(tmp_path, WHOLE, repositories=("debian-trixi",)).problems

    assert isinstance(problem, RequestError)
    assert "debian-trixie" in problem.hint


def test_what_this_machine_lacks_is_no_fault_of_the_kickstart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise foreseeing.HostError("no keyring", hint="install it")

    monkeypatch.setattr(foreseeing, "asker", refuse)

    found = looked(tmp_path, WHOLE, repositories=("debian-trixie",))

    assert found.problems == ()
    assert "no keyring; install it" in [note.text for note in found.notes]
