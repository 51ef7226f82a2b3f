"""What people are told when an image of RPM packages cannot be, and what that leaves: nothing."""

import os
import re
import shutil
import signal
import socket
from pathlib import Path

import pytest

from appliance.cli import main
from appliance.errors import HostError
from appliance.host import command, probe
from building import Said
from rpm_distribution.world import World
from rpm_fixtures import RpmYard

RECIPE, HOST, COMMAND, SOURCE = 2, 3, 4, 7


def refused(yard: RpmYard, recipe: Path, status: int, *words: str) -> str:
    """Build in vain; return what was said: one message, and what to try."""
    ended = yard.build(recipe, *words, status=status)
    assert ended.err.startswith("appliance: ")
    assert ended.err.count("appliance: ") == 1
    assert len(ended.err.splitlines()) <= 20
    assert "\n  try: " in ended.err
    return ended.err


# --- the recipe


def test_an_unknown_package_is_named_with_its_line_and_its_nearest_names(
    rpm_yard: RpmYard,
) -> None:
    recipe = rpm_yard.recipe("greetnig")
    said = refused(rpm_yard, recipe, RECIPE)
    assert f"{recipe}:8: there is no package 'greetnig'" in said
    assert "try: greeting" in said


@pytest.mark.parametrize(
    ("line", "problem", "hint"),
    [
        ("@oddites", "no repository has the group 'oddites'", "@oddities"),
        ("@^odd-envronment", "no repository has the environment 'odd-envronment'",
         "@^odd-environment"),
    ],
)  # fmt: skip
def test_an_unknown_group_is_named_with_its_line(
    rpm_yard: RpmYard, line: str, problem: str, hint: str
) -> None:
    recipe = rpm_yard.recipe("bash", line)
    said = refused(rpm_yard, recipe, RECIPE)
    assert f"{recipe}:9: {problem}" in said
    assert f"try: {hint}" in said


def test_a_dependency_that_nobody_has_is_explained(rpm_yard: RpmYard) -> None:
    recipe = rpm_yard.recipe("broken-promise")
    said = refused(rpm_yard, recipe, RECIPE)
    assert (
        f"{recipe}:8: nothing provides nowhere-to-be-found, which broken-promise-13-1.tl13.noarch"
        in said
    )
    assert "skip-broken" not in said


def test_an_excluded_package_that_another_needs_is_explained(rpm_yard: RpmYard) -> None:
    recipe = rpm_yard.recipe("-greeting-data", "greeting")
    said = refused(rpm_yard, recipe, RECIPE)
    assert (
        f"{recipe}:8: -greeting-data cannot be left out: greeting-1.0-1.tl13.noarch needs" in said
    )


def test_packages_that_conflict_are_told_in_dnfs_words(rpm_yard: RpmYard) -> None:
    said = refused(rpm_yard, rpm_yard.recipe("one", "other"), RECIPE)
    assert "the packages cannot be installed together" in said
    assert "one-13-1.tl13.noarch" in said
    assert "conflicts with other" in said


def test_packages_with_the_same_file_are_told_by_their_names(rpm_yard: RpmYard) -> None:
    said = refused(rpm_yard, rpm_yard.recipe("greeting", "thief"), COMMAND)
    assert "file /usr/share/greeting/version conflicts between attempted installs of" in said
    assert "thief-13-1.tl13.noarch" in said


def test_a_file_of_the_host_is_no_package(rpm_yard: RpmYard, tiny_rpm_world: World) -> None:
    file = next(tiny_rpm_world.unsigned.glob("Packages/*.rpm"))
    recipe = rpm_yard.recipe(str(file))
    assert f"{recipe}:8: '{file}' is a file" in refused(rpm_yard, recipe, RECIPE)


def test_a_variable_without_a_value_is_named(rpm_yard: RpmYard) -> None:
    line = f"repo --name=base --baseurl={rpm_yard.mirror.url}/$releasever/base\n"
    recipe = rpm_yard.recipe(lines=line)
    said = refused(rpm_yard, recipe, RECIPE)
    assert f"{recipe}:1: no releasever" in said
    assert "try: --releasever" in said
    assert not rpm_yard.mirror.asked
    missing = refused(rpm_yard, recipe, SOURCE, "--releasever=13")
    assert f"{rpm_yard.mirror.url}/13/base" in missing


# --- signatures


def test_an_unsigned_package_is_refused_by_name(rpm_yard: RpmYard) -> None:
    said = refused(rpm_yard, rpm_yard.recipe("unsigned", archive="base unsigned"), SOURCE)
    assert "unsigned 13-1.tl13 (unsigned) is not signed" in said
    assert "--no-gpg-check unsigned" in said


def test_a_package_signed_by_a_stranger_is_refused_by_name(rpm_yard: RpmYard) -> None:
    rpm_yard.mirror.gone.add("foreign/repodata/repomd.xml.asc")
    said = refused(rpm_yard, rpm_yard.recipe("stranger", archive="base foreign"), SOURCE)
    assert re.search(r"stranger 13-1\.tl13 \(foreign\) is signed with key [0-9a-fA-F]{8,}, ", said)
    assert "which is not known for it" in said


def test_metadata_signed_by_a_stranger_are_refused_by_name(fresh_rpm_yard: RpmYard) -> None:
    yard = fresh_rpm_yard
    said = refused(yard, yard.recipe("stranger", archive="base foreign"), SOURCE)
    assert re.search(r"the metadata of foreign is signed with key [0-9A-F]{16,}, ", said)


@pytest.mark.parametrize("part", ["base/repodata/repomd.xml.asc", "base/repodata/repomd.xml"])
def test_metadata_that_their_signature_does_not_fit_are_refused(
    fresh_rpm_yard: RpmYard, part: str
) -> None:
    fresh_rpm_yard.mirror.spoiled[part] = 1
    said = refused(fresh_rpm_yard, fresh_rpm_yard.recipe(), SOURCE)
    assert "base" in said
    fresh_rpm_yard.mirror.behave()
    fresh_rpm_yard.lock(fresh_rpm_yard.recipe())  # nothing wrong was kept


def test_what_nobody_checks_is_allowed_by_name_and_remembered(rpm_yard: RpmYard) -> None:
    recipe = rpm_yard.recipe("unsigned", archive="base unsigned")
    ended = rpm_yard.build(recipe, "--no-gpg-check", "unsigned", "-f", "raw")
    note = "unsigned: nobody checks who signed its packages"
    assert note in ended.said
    assert note in (rpm_yard.output / "tiny/tiny.packages.json").read_text()
    rpm_yard.run("lock", recipe, "--no-gpg-check", "unsigned")
    assert '"unverified": true' in recipe.with_suffix(".lock").read_text()


def test_nobody_can_be_trusted_by_a_name_that_is_none(rpm_yard: RpmYard) -> None:
    recipe = rpm_yard.recipe("unsigned", archive="base unsigned")
    said = refused(rpm_yard, recipe, RECIPE, "--no-gpg-check", "unsinged")
    assert "--no-gpg-check unsinged: there is no repository of that name" in said
    assert "try: --no-gpg-check unsigned" in said


def test_a_repository_without_a_known_key_is_refused(rpm_yard: RpmYard) -> None:
    rpm_yard.keyring = Path()
    recipe = rpm_yard.recipe()
    said = refused(rpm_yard, recipe, SOURCE)
    assert f"{recipe}:1: no key is known for the packages of base" in said
    assert "--keyring" in said


def test_a_keyring_that_is_not_there_is_named(rpm_yard: RpmYard) -> None:
    rpm_yard.keyring = Path("/nowhere.asc")
    said = refused(rpm_yard, rpm_yard.recipe(), RECIPE)
    assert "--keyring /nowhere.asc: there is no /nowhere.asc" in said


def test_a_keyring_without_keys_is_named(rpm_yard: RpmYard) -> None:
    rpm_yard.keyring = rpm_yard.place / "words"
    rpm_yard.keyring.write_text("words\n")
    said = refused(rpm_yard, rpm_yard.recipe(), SOURCE)
    assert f"{rpm_yard.keyring} holds no OpenPGP key" in said


# --- metadata


@pytest.mark.parametrize(
    ("name", "words"),
    [("broken", "checksum doesn't match"), ("malformed", "repomd"), ("nothing", "404")],
)
def test_a_repository_whose_metadata_cannot_be_used_is_named(
    rpm_yard: RpmYard, name: str, words: str
) -> None:
    said = refused(rpm_yard, rpm_yard.recipe(archive=f"base {name}"), SOURCE)
    assert f"the repository {name} ({rpm_yard.mirror.url}/{name}) cannot be read" in said
    assert words in said


def test_a_mirror_out_of_reach_is_named(rpm_yard: RpmYard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    lines = f"repo --name=base --baseurl=http://127.0.0.1:{port}/base\n"
    said = refused(rpm_yard, rpm_yard.recipe(lines=lines), SOURCE)
    assert f"the repository base (http://127.0.0.1:{port}/base) cannot be read" in said
    assert "connect" in said


@pytest.mark.slow
def test_a_mirror_that_stalls_is_given_up(rpm_yard: RpmYard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/base"
        recipe = rpm_yard.recipe(lines=f"repo --name=base --baseurl={address}\n")
        said = refused(rpm_yard, recipe, SOURCE)
    assert f"the repository base ({address}) cannot be read" in said


def test_a_metalink_of_another_state_is_refused(rpm_yard: RpmYard) -> None:
    lines = f"repo --name=base --metalink={rpm_yard.mirror.url}/wrong.metalink\n"
    said = refused(rpm_yard, rpm_yard.recipe(lines=lines), SOURCE)
    assert f"the repository base ({rpm_yard.mirror.url}/wrong.metalink) cannot be read" in said


# --- downloads


def test_a_download_that_breaks_off_goes_on_where_it_was(fresh_rpm_yard: RpmYard) -> None:
    mirror = fresh_rpm_yard.mirror
    mirror.cut["Packages/greeting-1.0"] = 1000
    fresh_rpm_yard.lock(fresh_rpm_yard.recipe("greeting"))
    asked = [wanted for path, wanted in mirror.asked if "Packages/greeting-1.0" in path]
    assert asked == ["", "bytes=1000-"]


def test_a_package_that_is_gone_meanwhile_is_told(fresh_rpm_yard: RpmYard) -> None:
    fresh_rpm_yard.mirror.gone.add("Packages/greeting-1.0")
    said = refused(fresh_rpm_yard, fresh_rpm_yard.recipe("greeting"), SOURCE)
    assert "greeting 1.0-1.tl13 is gone from the mirror" in said


def test_a_package_that_stays_broken_is_fetched_twice_and_refused(fresh_rpm_yard: RpmYard) -> None:
    mirror = fresh_rpm_yard.mirror
    mirror.spoiled["Packages/greeting-1.0"] = -1
    said = refused(fresh_rpm_yard, fresh_rpm_yard.recipe("greeting"), SOURCE)
    assert "greeting 1.0-1.tl13 at " in said
    assert "has changed: its SHA-256 is " in said
    assert len([path for path, _ in mirror.asked if "Packages/greeting-1.0" in path]) == 2
    mirror.behave()
    mirror.spoiled["Packages/greeting-1.0"] = 1
    fresh_rpm_yard.lock(fresh_rpm_yard.recipe("greeting"))


def test_a_package_that_broke_in_the_store_is_fetched_again(fresh_rpm_yard: RpmYard) -> None:
    yard = fresh_rpm_yard
    yard.build(yard.recipe("greeting"), "-f", "raw")
    before = yard.image().read_bytes()
    for path in yard.store.glob("packages/*.rpm"):
        data = path.read_bytes()
        path.write_bytes(data[:-200] + bytes([data[-200] ^ 1]) + data[-199:])
    for record in yard.store.glob("results/*/result.json"):
        record.unlink()
    yard.mirror.behave()
    yard.build(yard.recipe("greeting"), "-f", "raw")
    assert [path for path, _ in yard.mirror.asked if "Packages/greeting-1.0" in path]
    assert yard.image().read_bytes() == before


# --- scriptlets


@pytest.mark.parametrize(
    ("package", "moment", "words"),
    [
        ("post-fails", "post", "this cannot work"),
        ("pre-fails", "pre", "never before"),
        ("posttrans-fails", "posttrans", "exit status 3"),
    ],
)
def test_a_scriptlet_that_fails_ends_the_build_with_its_last_words(
    rpm_yard: RpmYard, package: str, moment: str, words: str
) -> None:
    said = refused(rpm_yard, rpm_yard.recipe(package), COMMAND)
    assert f"%{moment} of {package}" in said
    assert " failed" in said.splitlines()[0]
    assert words in said
    assert "Installing" not in said


# --- this machine


def test_a_host_without_dnf_is_told_what_to_install(
    rpm_yard: RpmYard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = rpm_yard.place / "bin"
    folder.mkdir()
    for place in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        for program in Path(place).iterdir():
            link = folder / program.name
            if not program.name.startswith(("dnf", "rpm")) and not link.is_symlink():
                link.symlink_to(program)
    monkeypatch.setitem(command.ENVIRONMENT, "PATH", str(folder))
    words = ["--store", str(rpm_yard.place / "store"), "-o", str(rpm_yard.output), "--quiet"]
    words += ["--keyring", str(rpm_yard.keyring)]
    assert main(["build", str(rpm_yard.recipe()), *words]) == HOST
    said = capsys.readouterr().err
    assert said.startswith("appliance: not installed: dnf, rpm")
    assert "install dnf rpm" in said
    assert not rpm_yard.mirror.asked
    assert not rpm_yard.output.exists()


def test_a_host_or_root_without_dnf_is_told_in_the_words_of_its_distribution(place: Path) -> None:
    for folder in ("usr/bin", "etc", "bin"):
        (place / folder).mkdir(parents=True)
    (place / "bin/sh").touch()
    for name, hint in (("fedora", "dnf install dnf5 rpm"), ("debian", "apt-get install dnf rpm")):
        (place / "etc/os-release").write_text(f"ID={name}\n")
        with pytest.raises(HostError) as caught:
            probe.require(("dnf", "rpm"), place)
        assert caught.value.problem == f"not installed in {place}: dnf, rpm"
        assert caught.value.hint == f"in {place}: {hint}"


def test_a_root_of_tools_that_may_not_be_read_is_told(users_rpm_yard: RpmYard) -> None:
    if users_rpm_yard.person.is_root:
        pytest.skip("root may read everything")
    (users_rpm_yard.place / "tools").mkdir()
    users_rpm_yard.place.joinpath("tools").chmod(0)
    tools = str(users_rpm_yard.place / "tools")
    said = refused(users_rpm_yard, users_rpm_yard.recipe(), HOST, "--tools", tools)
    assert f"{tools} may not be read: Permission denied" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk for the store")
@pytest.mark.parametrize("mebibytes", [4, 20, 36])
def test_a_full_disk_is_said_to_be_full(fresh_rpm_yard: RpmYard, mebibytes: int) -> None:
    yard = fresh_rpm_yard
    yard.store.mkdir()
    mounting = f'mount -t tmpfs -o size={mebibytes}m tmpfs {yard.store} && exec "$@"'
    before = ("unshare", "--mount", "sh", "-c", mounting, "sh")
    ended = yard.run("build", yard.recipe("greeting"), "--events=json", before=before)
    assert ended.status == HOST, ended.said
    assert "no space left on the disk that holds" in ended.err
    assert yard.leftovers() == []


def installing(event: Said) -> bool:
    return re.search(r"Installing\s*:? slow-", event.get("line", "")) is not None


@pytest.mark.skipif("APPLIANCE_TEST_TOOLS" in os.environ, reason="dnf5 tells of what is done")
@pytest.mark.parametrize("who", ["root", "plain user"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_installation_leaves_nothing_and_is_taken_up(
    request: pytest.FixtureRequest, how: signal.Signals, who: str
) -> None:
    yard: RpmYard = request.getfixturevalue("rpm_yard" if who == "root" else "users_rpm_yard")
    recipe = yard.recipe("slow")

    ended = yard.interrupted(recipe, installing, how)

    assert ended.status == {signal.SIGKILL: -signal.SIGKILL}.get(how, 130), ended.err
    assert "Traceback" not in ended.err
    assert yard.still_running() == []
    if how != signal.SIGKILL:
        assert yard.leftovers() == []
    assert not list(yard.output.glob("*"))
    yard.build(yard.recipe("slowish", more=f"%post\ntrue {how}\n%end\n"), "-f", "raw")
    assert yard.leftovers() == [str(yard.output / "tiny")]
    shutil.rmtree(yard.output)
