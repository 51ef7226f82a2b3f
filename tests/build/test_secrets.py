"""Nothing secret gets where it can be read: not of the author, not of whoever builds."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import building
from building import Person, Yard
from mirror import Mirror

WORDS = {
    "root": "Horse-Battery-Staple-1",
    "user": "Correct-Word-Of-Ann-2",
    "recipe": "Plain-In-The-Kickstart-3",
    "bob": "Bobs-Own-Plain-Word-4",
    "variable": "Value-Of-A-Variable-5",
}
RECIPE = f"""\
rootpw --plaintext {WORDS["recipe"]}
user --name=bob --shell=/bin/sh --plaintext --password={WORDS["bob"]}
%post --log=/root/post.log
echo "token: $TOKEN"
test ${{#TOKEN}} = {len(WORDS["variable"])} && echo yes > /root/token-came
mkdir -p /etc/ssh /var/lib/systemd /var/lib/dbus
for name in rsa ed25519; do echo private > /etc/ssh/ssh_host_${{name}}_key; done
echo 0123456789abcdef0123456789abcdef > /etc/machine-id
echo 0123456789abcdef0123456789abcdef > /var/lib/dbus/machine-id
echo seed > /var/lib/systemd/random-seed
echo secret > /var/lib/systemd/credential.secret
echo line > /root/.bash_history
cp /etc/resolv.conf /var/lib/resolv.seen || true
%end
%post
echo "nobody takes $TOKEN"
exit 1
%end
"""


@pytest.fixture(scope="module", params=["root", "plain user"])
def built(
    request: pytest.FixtureRequest, open_place: Path, server: Mirror, plain_user: Person
) -> Yard:
    """An appliance with four passwords and a key, and all that was written on the way."""
    server.behave()
    person = building.root() if request.param == "root" else plain_user
    place = Path(tempfile.mkdtemp(dir=open_place))
    place.chmod(0o755)
    if person.before:
        shutil.chown(place, person.name)
    yard = Yard(place, person, server, open_place / "trusted.gpg", place / "store")
    key = yard.place / "key.pub"
    key.write_text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHRlc3R0ZXN0dGVzdHRlc3R0ZXN0 ann@example\n")
    words = [
        "--root-password", WORDS["root"], "--user", f"ann:{WORDS['user']}", "--ssh-key", str(key),
    ]  # fmt: skip
    recipe = yard.recipe(more=RECIPE)
    recipe.with_suffix(".toml").write_text("[variables.TOKEN]\nsecret = true\n")
    words += ["--var", f"TOKEN={WORDS['variable']}"]
    planned = yard.run("plan", recipe, "--json", *words)
    assert planned.status == 0, planned.err
    (yard.place / "plan.json").write_text(planned.out)
    assert yard.run("lock", recipe, *words[-2:]).status == 0
    ended = yard.build(recipe, "-f", "raw", *words)
    (yard.place / "events").write_text(ended.out + ended.err)
    shown = yard.run("build", recipe, "-f", "raw", "-v", "--events", "plain", *words)
    assert shown.status == 0, shown.err
    (yard.place / "shown").write_text(shown.out + shown.err)
    return yard


def everything(yard: Yard) -> dict[Path, bytes]:
    """Every file below the yard but the kickstart itself, layers decompressed."""
    found = {}
    for path in yard.place.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.suffix != ".ks":
            found[path] = path.read_bytes()
            if path.suffix == ".zst":
                words = ["zstd", "--decompress", "--stdout", "--quiet", path]
                found[path] = subprocess.check_output(words)
    return found


def cat(yard: Yard, path: str) -> str:
    words = ["debugfs", "-R", f"cat {path}", f"{yard.image()}?offset={1 << 20}"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def exists(yard: Yard, path: str) -> bool:
    words = ["debugfs", "-R", f"stat {path}", f"{yard.image()}?offset={1 << 20}"]
    return "Inode:" in subprocess.run(words, check=True, capture_output=True, text=True).stdout


def verified(password: str, stored: str) -> bool:
    """Whether crypt(3), as openssl implements it, makes *stored* of *password*."""
    _, kind, salt, _ = stored.split("$")
    words = ["openssl", "passwd", f"-{kind}", "-salt", salt, "-stdin"]
    said = subprocess.check_output(words, input=password, text=True)
    return said.strip() == stored


def test_no_password_is_readable_anywhere_and_all_of_them_work(built: Yard) -> None:
    files = everything(built)
    assert any(path.name == "build.log" and text for path, text in files.items())
    assert any(path.suffix == ".zst" for path in files)
    for name, word in WORDS.items():
        told = [str(path) for path, text in files.items() if word.encode() in text]
        assert told == [], name
    shadow = {line.split(":")[0]: line.split(":")[1] for line in cat(built, "/etc/shadow").split()}
    for user, name in (("root", "root"), ("ann", "user"), ("bob", "bob")):
        assert verified(WORDS[name], shadow[user]), user
    assert not verified(WORDS["recipe"], shadow["root"])


def test_the_kickstart_in_the_image_is_for_root_and_without_passwords(built: Yard) -> None:
    text = cat(built, "/root/anaconda-ks.cfg")
    assert "%post" not in text
    assert "bootloader --disabled" in text
    assert "$6$" not in text
    assert re.search(r"^rootpw .*PASSWORD", text, re.MULTILINE)
    assert not [name for name, word in WORDS.items() if word in text]
    words = ["debugfs", "-R", "stat /root/anaconda-ks.cfg", f"{built.image()}?offset={1 << 20}"]
    assert "Mode:  0600" in subprocess.check_output(words, text=True, stderr=subprocess.DEVNULL)


def test_a_secret_of_the_command_line_reaches_scripts_and_no_log(built: Yard) -> None:
    assert cat(built, "/root/token-came") == "yes\n"
    assert "token: ${TOKEN}" in cat(built, "/root/post.log")
    assert "token: ${TOKEN}" in (built.place / "events").read_text()


def test_what_must_not_be_the_same_in_two_machines_is_not_in_the_image(built: Yard) -> None:
    assert exists(built, "/etc/machine-id")
    assert cat(built, "/etc/machine-id") == ""
    for path in (
        "/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ed25519_key", "/var/lib/dbus/machine-id",
        "/var/lib/systemd/random-seed", "/var/lib/systemd/credential.secret",
        "/root/.bash_history", "/etc/shadow-", "/etc/passwd-",
        "/usr/sbin/policy-rc.d",
    ):  # fmt: skip
        assert not exists(built, path), path


def test_the_resolver_of_the_host_is_lent_and_taken_back(built: Yard) -> None:
    host = Path("/etc/resolv.conf")
    if host.exists():
        assert cat(built, "/var/lib/resolv.seen") == host.read_text()
    assert not exists(built, "/etc/resolv.conf")


def test_a_private_key_is_refused(yard: Yard) -> None:
    key = yard.place / "id"
    key.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n")
    ended = yard.run("build", yard.recipe(), "--ssh-key", str(key))
    assert ended.status == 2
    assert f"{key} is a private key" in ended.err


def test_what_a_build_keeps_is_for_its_owner_alone(built: Yard) -> None:
    """Layers and plans hold the hashes of passwords."""
    for path in (built.store / "results", built.store / "plans", built.store / "logs"):
        modes = [part.stat().st_mode & 0o077 for part in (path, *path.parents)]
        assert 0 in [mode & 0o055 for mode in modes], path


@pytest.mark.parametrize("path", ["debian/dists/stable", "fedora"])
def test_passwords_of_addresses_are_kept_for_their_owner_alone(yard: Yard, path: str) -> None:
    """Even in a store whose directory was there, open to everybody."""
    yard.store.mkdir(mode=0o755, exist_ok=True)
    yard.store.chmod(0o755)
    recipe = yard.place / "away.ks"
    recipe.write_text(
        f"repo --name=away --baseurl=http://ann:{WORDS['user']}@127.0.0.1:1/{path}\n"
        "part / --fstype=ext4 --size=64\nbootloader --disabled\n%packages --nocore\n%end\n"
    )
    ended = yard.run("plan", recipe)

    assert ended.status == 7
    assert WORDS["user"] not in ended.out + ended.err
    files = [each for each in yard.store.rglob("*") if each.is_file()]
    holding = [each for each in files if WORDS["user"].encode() in each.read_bytes()]
    assert holding
    for each in holding:
        above = [part.stat().st_mode & 0o077 for part in each.parents if yard.store in part.parents]
        assert 0 in above, each
