"""Who logs in, with what, and what the machine is told for that."""

from pathlib import Path

import pytest

from appliance.boot.access import (
    GuestAccess,
    agree,
    identity,
    private_key,
    public_key,
    ssh_words,
)
from appliance.boot.credentials import Identity
from appliance.errors import RequestError

PUBLIC = "ssh-ed25519 AAAA me\n"


def test_who_logs_in() -> None:
    assert agree("me:a:b", None) == GuestAccess("me", "a:b")
    assert agree("me:", None) == GuestAccess("me", "")
    assert agree("", Path("k")) == GuestAccess("root", key=Path("k"))
    assert agree("me:x", Path("k")) == GuestAccess("me", key=Path("k"))


def test_without_a_word_there_is_a_password_for_this_once() -> None:
    first, second = agree("", None), agree("", None)

    assert (first.user, first.one_time) == ("root", True)
    assert len(first.password) >= 24
    assert first.password != second.password


@pytest.mark.parametrize("login", ["me", ":secret"])
def test_a_user_needs_a_password(login: str) -> None:
    with pytest.raises(RequestError):
        agree(login, None)


def test_known_passwords_are_not_told_to_the_machine() -> None:
    assert identity(GuestAccess("me", "secret")) == Identity()


def test_keys_are_told_to_the_machine(tmp_path: Path) -> None:
    key = tmp_path / "key.pub"
    key.write_text(PUBLIC)

    assert identity(GuestAccess("root", key=key)) == Identity(ssh_key=PUBLIC)
    assert identity(GuestAccess("me", key=key)) == Identity(
        extra=(("ssh.authorized_keys.me", PUBLIC),)
    )


def test_the_public_half_lies_beside_the_private_one(tmp_path: Path) -> None:
    private, public = tmp_path / "key", tmp_path / "key.pub"
    private.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    public.write_text(PUBLIC)

    assert public_key(private) == public_key(public) == PUBLIC
    assert private_key(private) == private_key(public) == private
    private.unlink()
    assert private_key(public) is None


@pytest.mark.parametrize("content", [b"word", b"", b"\xff\xfe"])
def test_what_is_no_key(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)

    with pytest.raises(RequestError, match="key"):
        public_key(file)
    with pytest.raises(RequestError, match="cannot read"):
        public_key(tmp_path / "nothing")


def test_ssh_asks_this_machine_and_no_file_of_the_users() -> None:
    words = ssh_words(GuestAccess("me", key=Path("/k")), 2222)

    assert words[0] == "ssh"
    assert words[-1] == "me@127.0.0.1"
    text = " ".join(words)
    for needed in (
        "-F none",
        "-p 2222",
        "-i /k",
        "IdentitiesOnly=yes",
        "UserKnownHostsFile=/dev/null",
    ):
        assert needed in text
    assert "-i" not in ssh_words(GuestAccess("me"), 1)


def test_the_public_half_stands_for_the_private_one_beside_it(tmp_path: Path) -> None:
    private, public = tmp_path / "key", tmp_path / "key.pub"
    public.write_text(PUBLIC)
    with pytest.raises(RequestError, match=r"key\.pub is a public key, and .*/key is not"):
        agree("", public)
    private.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    assert agree("me", public) == agree("me", private) == GuestAccess("me", key=private)
