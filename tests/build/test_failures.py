"""What people are told when a build cannot be, and what it leaves behind: nothing."""

import json
import os
import re
import shutil
import signal
import socket
from pathlib import Path

import pytest

from appliance.cli import main
from appliance.host import command
from building import Finished, Said, Yard

RECIPE, HOST, COMMAND, SOURCE, INTERRUPTED = 2, 3, 4, 7, 130


def refused(yard: Yard, recipe: Path, status: int, *words: str) -> str:
    """Build in vain; return what was said."""
    ended = yard.build(recipe, *words, status=status)
    assert ended.err.startswith("appliance: ")
    return ended.err


# --- the recipe


def test_an_unknown_package_is_named_with_its_line_and_its_nearest_names(yard: Yard) -> None:
    recipe = yard.recipe("wrold")
    said = refused(yard, recipe, RECIPE)
    assert f"{recipe}:5: there is no package 'wrold'" in said
    assert "try: world" in said


def test_an_excluded_package_that_another_needs_is_explained(yard: Yard) -> None:
    recipe = yard.recipe("hello", "-world")
    said = refused(yard, recipe, RECIPE)
    assert f"{recipe}:6: -world cannot be left out: hello needs it" in said


def test_an_exclude_of_an_included_file_yields_and_that_is_said(yard: Yard) -> None:
    base = yard.recipe("-world", name="base")
    recipe = yard.place / "web.ks"
    recipe.write_text("%include base.ks\n%packages --nocore\nhello\n%end\n")
    said = yard.build(recipe).said
    assert f"{base.name}:5: -world yields: something that is wanted needs it" in said


def test_a_package_whose_dependency_nobody_has_is_explained(yard: Yard) -> None:
    said = refused(yard, yard.recipe("broken-promise"), RECIPE)
    assert "broken-promise" in said
    assert "nowhere-to-be-found" in said


def test_an_unknown_command_is_refused_with_its_line_before_anything_runs(yard: Yard) -> None:
    recipe = yard.recipe(more="tiemzone UTC\n")
    ended = yard.build(recipe, status=RECIPE)
    assert f"{recipe}:7: unknown command 'tiemzone'" in ended.err
    assert "try: timezone" in ended.err
    assert [event["event"] for event in ended.events] == ["Failure"]


def test_a_bad_option_is_refused_with_its_line(yard: Yard) -> None:
    recipe = yard.recipe(disk="part / --fstype=ext4 --sise=64")
    assert f"{recipe}:2: unknown option '--sise' of part" in refused(yard, recipe, RECIPE)


def test_a_missing_include_is_refused_with_its_line(yard: Yard) -> None:
    recipe = yard.recipe(more="%include nowhere.ks\n")
    said = refused(yard, recipe, RECIPE)
    assert f"{recipe}:7: there is no file to include" in said
    assert "nowhere.ks" in said


def test_a_root_that_is_too_small_says_which_what_it_needs_and_has(yard: Yard) -> None:
    recipe = yard.recipe("big", disk="part / --fstype=ext4 --size=48")
    said = refused(yard, recipe, RECIPE)
    assert f"{recipe}:2: / is too small: its files need about " in said
    assert "the partition has 48 MiB" in said
    assert "try: on that line: --size=" in said


def test_a_partition_beside_the_root_that_is_too_small_is_the_one_named(yard: Yard) -> None:
    disk = "part /srv --fstype=ext4 --size=16\npart / --fstype=ext4 --size=64"
    recipe = yard.recipe("big", disk=disk)
    assert f"{recipe}:2: /srv is too small" in refused(yard, recipe, RECIPE)


# --- repositories


def test_an_unsigned_repository_is_refused_by_name(yard: Yard) -> None:
    said = refused(yard, yard.recipe(archive="unsigned"), SOURCE)
    assert f"the repository {yard.mirror.url}/unsigned stable is not signed" in said


def test_a_repository_signed_by_a_stranger_is_refused_with_its_name_and_key(yard: Yard) -> None:
    said = refused(yard, yard.recipe(archive="stranger"), SOURCE)
    assert f"the repository {yard.mirror.url}/stranger stable is signed with key " in said
    assert f"which is not in {yard.keyring}" in said


def test_a_repository_changed_after_it_was_signed_is_refused(yard: Yard) -> None:
    yard.mirror.spoiled["tiny/dists/stable/InRelease"] = -1
    said = refused(yard, yard.recipe(), SOURCE, "--refresh")
    assert f"{yard.mirror.url}/tiny" in said


def test_a_mirror_out_of_reach_is_named(yard: Yard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    recipe = yard.recipe()
    recipe.write_text(recipe.read_text().replace(yard.mirror.url, f"http://127.0.0.1:{port}"))
    said = refused(yard, recipe, SOURCE)
    assert f"the repositories cannot be read: http://127.0.0.1:{port}/tiny" in said
    assert "Connection refused" in said


def test_a_keyring_that_is_not_there_is_named(yard: Yard) -> None:
    yard.keyring = Path("/nowhere.gpg")
    said = refused(yard, yard.recipe(), RECIPE)
    assert "--keyring /nowhere.gpg: there is no /nowhere.gpg" in said


# --- downloads


def test_a_download_that_breaks_off_goes_on_where_it_was(fresh_yard: Yard) -> None:
    mirror = fresh_yard.mirror
    mirror.cut["pool/world_"] = 1000
    fresh_yard.build(fresh_yard.recipe("world"))
    asked = [wanted for path, wanted in mirror.asked if "pool/world_" in path]
    assert asked == ["", "bytes=1000-"]


def test_a_mirror_that_dies_for_good_is_named_and_the_next_build_goes_on(fresh_yard: Yard) -> None:
    mirror, recipe = fresh_yard.mirror, fresh_yard.recipe("world")
    mirror.cut["pool/world_"] = 1000
    mirror.dying = True
    said = refused(fresh_yard, recipe, SOURCE)
    assert re.search(r"cannot fetch \S+ 1.0 from 127.0.0.1:\d+: ", said)
    mirror.behave()
    fresh_yard.build(recipe)
    assert [wanted for path, wanted in mirror.asked if "pool/world_" in path] == ["bytes=1000-"]


def test_a_package_that_arrives_broken_once_is_fetched_again(fresh_yard: Yard) -> None:
    mirror = fresh_yard.mirror
    mirror.spoiled["pool/world_"] = 1
    fresh_yard.build(fresh_yard.recipe("world"))
    assert len([path for path, _ in mirror.asked if "pool/world_" in path]) == 2


def test_a_package_that_stays_broken_is_fetched_twice_and_refused(fresh_yard: Yard) -> None:
    mirror = fresh_yard.mirror
    mirror.spoiled["pool/world_"] = -1
    said = refused(fresh_yard, fresh_yard.recipe("world"), SOURCE)
    assert f"world 1.0 at {mirror.url}/tiny/pool/world_1.0_amd64.deb has changed" in said
    assert len([path for path, _ in mirror.asked if "pool/world_" in path]) == 2


def _spoil_kept_packages(yard: Yard) -> None:
    for path in yard.store.joinpath("packages").glob("*.deb"):
        with path.open("r+b") as file:
            file.seek(-200, os.SEEK_END)
            byte = file.read(1)
            file.seek(-200, os.SEEK_END)
            file.write(bytes([byte[0] ^ 1]))


def test_a_package_that_broke_in_the_store_is_fetched_again(fresh_yard: Yard) -> None:
    mirror = fresh_yard.mirror
    fresh_yard.build(fresh_yard.recipe("world"), "-f", "raw")
    before = fresh_yard.image().read_bytes()
    _spoil_kept_packages(fresh_yard)
    _forget_results(fresh_yard)
    mirror.behave()
    fresh_yard.build(fresh_yard.recipe("world"), "-f", "raw")
    assert [path for path, _ in mirror.asked if "pool/world_" in path]
    assert fresh_yard.image().read_bytes() == before


def test_a_package_broken_in_the_store_and_on_the_mirror_is_refused(fresh_yard: Yard) -> None:
    mirror = fresh_yard.mirror
    fresh_yard.build(fresh_yard.recipe("world"))
    shutil.rmtree(fresh_yard.output)
    _spoil_kept_packages(fresh_yard)
    _forget_results(fresh_yard)
    mirror.behave()
    mirror.spoiled["pool/world_"] = -1
    said = refused(fresh_yard, fresh_yard.recipe("world"), SOURCE)
    assert "world 1.0 at " in said
    assert len([path for path, _ in mirror.asked if "pool/world_" in path]) == 2


def _forget_results(yard: Yard) -> None:
    for record in yard.store.glob("results/*/result.json"):
        record.unlink()


# --- the lock


@pytest.fixture
def locked_yard(fresh_yard: Yard) -> Yard:
    """One with a lock beside its kickstart, and nothing built."""
    assert fresh_yard.run("lock", fresh_yard.recipe("world")).status == 0
    return fresh_yard


def test_a_locked_package_that_the_mirror_no_longer_has_is_said_to_be_gone(
    locked_yard: Yard,
) -> None:
    locked_yard.mirror.gone.add("pool/world_")
    said = refused(locked_yard, locked_yard.recipe("world"), SOURCE)
    assert "world 1.0 is gone from the mirror" in said
    assert "--update-lock" in said


def test_a_locked_package_that_the_mirror_replaced_is_said_to_have_changed(
    locked_yard: Yard,
) -> None:
    lock = locked_yard.place / "tiny.lock"
    data = json.loads(lock.read_text())
    for package in data["packages"]:
        if package["name"] == "world":
            package["sha256"] = "0" * 64
    lock.write_text(json.dumps(data))
    said = refused(locked_yard, locked_yard.recipe("world"), SOURCE)
    assert "has changed: its SHA-256 is " in said
    assert "expected 0000000000000000" in said


def test_a_package_that_the_lock_does_not_have_is_named_with_its_line(locked_yard: Yard) -> None:
    recipe = locked_yard.recipe("world", "hello")
    said = refused(locked_yard, recipe, SOURCE)
    assert f"{recipe}:6: 'hello' is not in the lock" in said
    assert "--update-lock" in said


def test_a_lock_that_is_cut_short_is_refused(locked_yard: Yard) -> None:
    lock = locked_yard.place / "tiny.lock"
    lock.write_text(lock.read_text()[:100])
    said = refused(locked_yard, locked_yard.recipe("world"), SOURCE)
    assert f"{lock} is not a lock" in said


# --- scripts


def test_a_maintainer_script_that_fails_names_its_package(yard: Yard) -> None:
    said = refused(yard, yard.recipe("fails"), COMMAND)
    assert "package fails cannot be installed" in said
    assert "this cannot work" in said


def test_a_package_that_cannot_be_unpacked_is_named(yard: Yard) -> None:
    said = refused(yard, yard.recipe("world", "world-thief"), COMMAND)
    assert "package world-thief cannot be installed" in said
    assert "trying to overwrite '/usr/share/hello/world.txt'" in said


def test_a_failing_post_ends_the_build_if_the_author_said_so(yard: Yard) -> None:
    recipe = yard.recipe(more="%post --erroronfail\necho last words\nexit 9\n%end\n")
    said = refused(yard, recipe, COMMAND)
    assert f"{recipe}:7: %post failed: " in said
    assert "status 9" in said
    assert "  | last words" in said
    assert "--shell" in said


def test_a_failing_post_is_a_warning_if_the_author_did_not(yard: Yard) -> None:
    recipe = yard.recipe(more="%post\necho last words\nexit 9\n%end\n")
    ended = yard.build(recipe)
    (warning,) = [event for event in ended.events if event["event"] == "Warned"]
    assert warning["text"].startswith(f"{recipe}:7: %post failed, and the build went on")
    assert yard.image(kind="qcow2").exists()


def test_an_interpreter_that_the_root_does_not_have_is_named(yard: Yard) -> None:
    more = "%post --erroronfail --interpreter=/usr/bin/perl6\nx\n%end\n"
    said = refused(yard, yard.recipe(more=more), COMMAND)
    assert "perl6" in said
    assert "No such file or directory" in said


# --- this machine


def test_a_missing_tool_is_told_with_its_package_before_anything_is_fetched(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("mke2fs", "qemu-img"):
        assert not (yard.place / "bin" / name).exists()
    (yard.place / "bin").mkdir()
    for folder in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        for program in Path(folder).iterdir():
            link = yard.place / "bin" / program.name
            if program.name not in ("mke2fs", "qemu-img") and not link.is_symlink():
                link.symlink_to(program)
    monkeypatch.setitem(command.ENVIRONMENT, "PATH", str(yard.place / "bin"))
    words = ["--store", str(yard.place / "store"), "-o", str(yard.output), "--quiet"]
    assert main(["build", str(yard.recipe()), *words]) == HOST
    said = capsys.readouterr().err
    assert said.startswith("appliance: not installed: mke2fs, qemu-img\n")
    assert "e2fsprogs" in said
    assert "qemu-utils" in said
    assert not yard.mirror.asked
    assert not yard.output.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk for the store")
@pytest.mark.parametrize("mebibytes", [8, 30, 46])
def test_a_full_disk_is_said_to_be_full(fresh_yard: Yard, mebibytes: int) -> None:
    fresh_yard.store.mkdir()
    mounting = f'mount -t tmpfs -o size={mebibytes}m tmpfs {fresh_yard.store} && exec "$@"'
    before = ("unshare", "--mount", "sh", "-c", mounting, "sh")
    ended = fresh_yard.run("build", fresh_yard.recipe("big"), "--events=json", before=before)
    assert ended.status == HOST, ended.said
    assert "no space left on the disk that holds" in ended.err
    assert fresh_yard.leftovers() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk for the output")
def test_a_full_output_directory_is_said_to_be_full(yard: Yard) -> None:
    yard.output.mkdir()
    mounting = (
        f'mount -t tmpfs -o size=1m tmpfs {yard.output} && "$@"; s=$?; ls -A {yard.output}; exit $s'
    )
    before = ("unshare", "--mount", "sh", "-c", mounting, "sh")
    ended = yard.run("build", yard.recipe("big"), "--quiet", before=before)
    assert ended.status == HOST, ended.said
    assert f"no space left on the disk that holds {yard.output}" in ended.err
    assert ended.out == ""


def test_a_directory_that_no_build_made_is_left_alone(yard: Yard) -> None:
    precious = yard.output / "tiny" / "precious"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    ended = yard.run("build", yard.recipe())
    assert ended.status == RECIPE
    assert f"{precious.parent} exists, and no build made it" in ended.err
    assert precious.read_text() == "mine"


def test_a_failed_build_leaves_the_appliance_that_was_there(yard: Yard) -> None:
    yard.build(yard.recipe())
    before = yard.image(kind="qcow2").read_bytes()
    ended = yard.run("build", yard.recipe("fails"))
    assert ended.status == COMMAND
    assert yard.image(kind="qcow2").read_bytes() == before
    assert [path.name for path in yard.output.iterdir()] == ["tiny"]


# --- interrupted


def installing(event: Said) -> bool:
    return event.get("line", "").startswith("slow begins")


def in_post(event: Said) -> bool:
    return event.get("line", "") == "post begins"


def making_a_filesystem(event: Said) -> bool:
    return event.get("line", "").startswith("$ mke2fs")


SLOW_POST = "%post\necho done\n%end\n%post\necho post begins\nsleep 300\n%end\n"
MOMENTS = {
    "installing": (("slow",), "", installing, ()),
    "in %post": (("world",), SLOW_POST, in_post,
                 ("layer:packages", "layer:settings", "layer:post-1")),
    "making a filesystem": (("big",), "", making_a_filesystem,
                            ("layer:packages", "layer:settings", "layer:finish")),
}  # fmt: skip


@pytest.mark.parametrize("who", ["root", "plain user"])
@pytest.mark.parametrize(
    ("moment", "how"),
    [
        *((moment, how) for moment in MOMENTS for how in (signal.SIGINT, signal.SIGKILL)),
        ("in %post", signal.SIGTERM),
    ],
)
def test_an_interrupted_build_leaves_nothing_and_is_taken_up(
    request: pytest.FixtureRequest, moment: str, how: signal.Signals, who: str
) -> None:
    yard: Yard = request.getfixturevalue("fresh_yard" if who == "root" else "users_yard")
    yard.store = yard.place / "store"
    packages, more, when, finished = MOMENTS[moment]
    recipe = yard.recipe(*packages, more=more)

    ended = yard.interrupted(recipe, when, how)

    assert ended.status == {signal.SIGKILL: -signal.SIGKILL}.get(how, INTERRUPTED), ended.err
    assert "Traceback" not in ended.err
    assert yard.still_running() == []
    if how != signal.SIGKILL:
        assert ended.err == "appliance: interrupted\n"
        assert yard.leftovers() == []
    assert not list(yard.output.glob("*"))
    taken_up = _again(yard, packages, more)
    assert set(finished) <= set(taken_up.gives("StepReused"))
    assert yard.leftovers() == [str(yard.output / "tiny")]


def _again(yard: Yard, packages: tuple[str, ...], more: str) -> Finished:
    """Build what was interrupted, without what made it slow."""
    quick = [name for name in packages if name != "slow"]
    return yard.build(yard.recipe(*quick, more=more.replace("sleep 300", "true")))


def test_two_builds_at_once_make_each_step_once(fresh_yard: Yard) -> None:
    other = Yard(
        fresh_yard.place / "other", fresh_yard.person, fresh_yard.mirror, fresh_yard.keyring,
        fresh_yard.store,
    )  # fmt: skip
    other.place.mkdir()
    both = [
        (yard, yard.begin(yard.recipe("slowish", "world"), "-f", "raw"))
        for yard in (fresh_yard, other)
    ]
    ended = [yard.end(process) for yard, process in both]
    assert [one.status for one in ended] == [0, 0], [one.said for one in ended]
    made = [gives for one in ended for gives in one.gives("StepFinished")]
    assert sorted(made) == sorted(set(made))
    assert fresh_yard.image().read_bytes() == other.image().read_bytes()


def test_pruning_waits_for_no_build_and_harms_none(yard: Yard) -> None:
    """A store that a build uses is not pruned."""
    process = yard.begin(yard.recipe("slowish"))
    for line in process.stdout or ():
        if json.loads(line)["event"] == "StepStarted":
            break
    pruned = yard.run("cache", "prune", "--all")
    assert yard.end(process).status == 0
    assert pruned.status == HOST
    assert "a build is using the store" in pruned.err
