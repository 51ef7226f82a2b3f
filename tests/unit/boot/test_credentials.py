"""Identity given at launch: which credential says what, and what is refused."""

import base64

import pytest

from appliance.boot.credentials import NAME, Credential, Identity, credentials, parse
from appliance.errors import RequestError


def test_a_credential_survives_commas_newlines_and_equal_signs() -> None:
    said = Credential("motd", "a,b=c\n").smbios()

    name, _, value = said.removeprefix("io.systemd.credential.binary:").partition("=")
    assert name == "motd"
    assert base64.b64decode(value) == b"a,b=c\n"
    assert "," not in said


def test_identity_becomes_the_names_that_systemd_knows() -> None:
    found = credentials(Identity("ssh-ed25519 AAAA me", "$6$x", "web-1", (("motd", "hi"),)))

    values = {credential.name: credential.value for credential in found}
    assert values["passwd.hashed-password.root"] == "$6$x"
    assert values["ssh.authorized_keys.root"] == "ssh-ed25519 AAAA me\n"
    assert values["system.hostname"] == "web-1"
    assert values["motd"] == "hi"
    encoded = values["tmpfiles.extra"].split()[-1]
    assert base64.b64decode(encoded) == b"ssh-ed25519 AAAA me\n"


def test_no_identity_is_no_credential() -> None:
    assert credentials(Identity()) == ()
    assert credentials(Identity(ssh_key=" \n")) == ()


def test_the_authors_own_tmpfiles_are_kept_beside_the_key() -> None:
    found = credentials(Identity(ssh_key="k v", extra=(("tmpfiles.extra", "d /x\n"),)))

    text = next(item.value for item in found if item.name == "tmpfiles.extra")
    assert "authorized_keys" in text
    assert text.endswith("d /x\n")


def test_a_name_that_was_given_wins_over_what_we_mean() -> None:
    (only,) = credentials(Identity(hostname="a", extra=(("system.hostname", "b"),)))

    assert (only.name, only.value) == ("system.hostname", "b")


@pytest.mark.parametrize("hostname", ["web-1", "a", "a.example", "A" * 64, "1.2.3"])
def test_host_names(hostname: str) -> None:
    (only,) = credentials(Identity(hostname=hostname))

    assert only.value == hostname


@pytest.mark.parametrize(
    "identity",
    [
        *(Identity(hostname=name) for name in ("under_score", "a" * 65, "-a", "a-", ".a", "a\nb")),
        *(Identity(extra=((name, "v"),)) for name in ("../x", "a/b", "a b", "-a", "x" * 256)),
        Identity(extra=(("big", "x" * 50_000),)),
    ],
)
def test_what_a_machine_cannot_be_told_is_refused(identity: Identity) -> None:
    with pytest.raises(RequestError):
        credentials(identity)


def test_names_of_templates_are_names() -> None:
    assert NAME.fullmatch("ssh.authorized_keys.me@x-1")


def test_a_credential_needs_a_name_and_a_value() -> None:
    assert parse("a=b=c") == ("a", "b=c")
    with pytest.raises(RequestError):
        parse("a")
