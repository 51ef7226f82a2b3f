"""`rootpw`, `user`, `group` and `sshkey` lines: what they become, what is said and refused."""

from pathlib import Path

import pytest

from appliance.recipe.model import Recipe
from appliance.recipe.overrides import Overrides
from appliance.recipe.reading.load import load, problems
from appliance.recipe.settings import Group, Settings, User

HASH = "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN"


def recipe_of(place: Path, *lines: str) -> Recipe:
    file = place / "x.ks"
    file.write_text("\n".join(("part / --size=1024", *lines)) + "\n")
    return load(file)


def settings(place: Path, *lines: str) -> Settings:
    return recipe_of(place, *lines).settings


def said(place: Path, *lines: str) -> str:
    return "\n".join(note.text for note in recipe_of(place, *lines).notes)


def test_a_group_can_bring_its_id_with_it(tmp_path: Path) -> None:
    found = settings(tmp_path, "group --name=a --gid=70", "user --name=joe --groups=a,b,wheel(80)")
    assert found.groups == (Group("a", 70), Group("wheel", 80))
    assert found.users[0].groups == ("a", "b", "wheel")


def test_a_group_that_brings_the_id_that_it_has_is_the_same(tmp_path: Path) -> None:
    found = settings(tmp_path, "group --name=a --gid=70", "user --name=joe --groups=a(70)")
    assert found.groups == (Group("a", 70),)
    found = settings(tmp_path, "group --name=a", "user --name=joe --groups=a(70)")
    assert found.groups == (Group("a", 70),)


def test_of_two_lines_for_a_user_the_first_holds(tmp_path: Path) -> None:
    lines = ("user --name=joe --uid=7010", "user --name=joe --uid=7020 --homedir=/srv/joe")
    [user] = settings(tmp_path, *lines).users
    assert (user.uid, user.home) == (7010, "")
    assert "user joe is there already, of " in said(tmp_path, *lines)


def test_of_two_lines_for_a_group_the_first_holds(tmp_path: Path) -> None:
    lines = ("group --name=a --gid=70", "group --name=a --gid=80")
    assert settings(tmp_path, *lines).groups == (Group("a", 70),)
    assert "group a is there already" in said(tmp_path, *lines)


def test_of_two_passwords_of_root_the_last_holds(tmp_path: Path) -> None:
    [root] = settings(tmp_path, "rootpw --lock", f"rootpw --iscrypted {HASH}").users
    assert (root.password, root.locked) == (HASH, False)


@pytest.mark.parametrize(
    "line", ["rootpw --iscrypted nope", "user --name=joe --iscrypted --password=nope"]
)
def test_what_is_no_hash_lets_nobody_in_and_is_not_kept(line: str, tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, line)
    [user] = recipe.settings.users
    assert (user.password, user.locked) == ("", True)
    assert len(recipe.notes) == 1
    assert "nope" not in recipe.source
    assert "--lock" in recipe.source


def test_root_may_log_in_over_ssh_with_the_password(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, f"rootpw --iscrypted --allow-ssh {HASH}")
    assert recipe.settings.users[0].ssh_password
    assert "rootpw --allow-ssh --iscrypted" in recipe.source
    [root] = settings(tmp_path, f"rootpw --iscrypted {HASH}").users
    assert not root.ssh_password


def test_a_key_may_be_for_a_user_of_a_package(tmp_path: Path) -> None:
    line = "sshkey --username=joe 'ssh-rsa AAAA joe'"
    [user] = settings(tmp_path, line).users
    assert (user.name, user.made, user.keys) == ("joe", False, ("ssh-rsa AAAA joe",))
    assert "no line makes the user joe: a package has to" in said(tmp_path, line)


def test_keys_of_a_user_add_up(tmp_path: Path) -> None:
    lines = ("user --name=joe", *(f"sshkey --username=joe 'ssh-rsa AAAA{key}'" for key in "AAB"))
    [user] = settings(tmp_path, *lines).users
    assert user.made
    assert user.keys == ("ssh-rsa AAAAA", "ssh-rsa AAAAB")


def test_the_command_line_makes_the_user_whom_a_key_is_for(tmp_path: Path) -> None:
    (tmp_path / "x.ks").write_text("part / --size=9\nsshkey --username=joe 'ssh-rsa AAAA'\n")
    [user] = load(tmp_path / "x.ks", overrides=Overrides(users=("joe",))).settings.users
    assert user == User("joe", keys=("ssh-rsa AAAA",), where=user.where)


WRONG = [
    ("user --name=joe --groups='wheel(x)'", "'wheel(x)' is not a group name"),
    ("user --name=joe --groups='(5)'", "'' is not a group name"),
    ("user --name=joe --groups='a(5000000000)'", "is not a group name"),
    ("group --name=a --gid=70\nuser --name=joe --groups=a(80)", "that group has the id 70"),
    ("group --name=a --gid=70\ngroup --name=b --gid=70", "the id 70 is that of the group a"),
    ("user --name=a --uid=70\nuser --name=b --uid=70", "user b: the id 70 is that of a"),
    ("user --name=root", "root exists already"),
    ("user --name=joe --homedir=srv", "is not an absolute path"),
    ("user --name=joe --gecos=a:b", "a ':' or a tab"),
    ("user --name=joe --admin", "unknown option '--admin' of user"),
    ("rootpw --admin x", "unknown option '--admin' of rootpw"),
    ("sshkey --username=joe", "the following arguments are required"),
    ("sshkey --username=joe key", "not a public key"),
    ("sshkey --username=-joe 'ssh-rsa AAAA'", "'-joe' is not a user name"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_is_wrong_is_refused_with_its_line(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"part / --size=1024\n{text}\n")
    found, recipe = problems(file)
    assert recipe is None
    assert words in found[0].problem
    assert found[0].where is not None
    assert (found[0].where.path.name, found[0].where.line) == ("x.ks", 2 + text.count("\n"))
