"""What Anaconda's own kickstart tests look for in accounts, in built images;
docs/explanation/kickstart-tests.md has the table."""

import pytest

from outcome_fixtures import Built, Make
from outcome_tree import same_password

HASHED = "$6$salt.salt$" + "aB3." * 21 + "xY"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKeyKeyKeyKeyKeyKeyKeyKeyKeyKeyKeyKeyKeyK someone"
ONE = f"""\
group --name=crew --gid=5001
user --name=ann --gecos="Ann Example ☃" --homedir=/home/example --password={HASHED} \
--iscrypted --shell=/bin/bash --uid=4001 --gid=5001
sshkey --username=ann "{KEY}"
"""
MANY = """\
rootpw --lock
group --name=wheel
user --name=user1 --homedir=/home/user1 --password=first --plaintext --uid=7010 --gid=7010
user --name=user2 --homedir=/home/user2 --password=second --plaintext --uid=7020 --gid=7020 \
--groups=wheel --lock
user --name=user1 --homedir=/home/user1_duplicate_name --password=first --plaintext
user --name=user1 --homedir=/home/user1_duplicate_uid --password=first --plaintext --uid=7001
user --name=user1 --homedir=/home/user1_duplicate_gid --password=first --plaintext --gid=7001
user --name=user1samehome --gecos=gecos1 --homedir=/home/user1 --password=first --plaintext \
--gid=7001
user --name=user3 --homedir=/home/user3 --password=third --plaintext --uid=7030 --gid=7030 \
--groups=wheel
"""
PASSWD, SHADOW, GROUP = "/etc/passwd", "/etc/shadow", "/etc/group"


@pytest.fixture(scope="module")
def one(outcome: Make) -> Built:
    return outcome("one", "shadow-utils", more=ONE)


@pytest.fixture(scope="module")
def many(outcome: Make) -> Built:
    return outcome("many", "shadow-utils", more=MANY)


def test_an_account_is_as_said(one: Built) -> None:
    assert one.tree.entry(PASSWD, "ann")[2:] == [
        "4001", "5001", "Ann Example ☃", "/home/example", "/bin/bash",
    ]  # fmt: skip
    assert one.tree.entry(GROUP, "crew")[2] == "5001"
    assert one.tree.entry(SHADOW, "ann")[1] == HASHED


def test_a_key_lets_its_owner_in_and_nobody_else_reads_it(one: Built) -> None:
    assert one.tree.mode("/home/example/.ssh") == "4001:5001 700"
    assert one.tree.mode("/home/example/.ssh/authorized_keys") == "4001:5001 600"
    assert one.tree.text("/home/example/.ssh/authorized_keys") == f"{KEY}\n"


def test_several_accounts_have_their_homes_and_groups(many: Built) -> None:
    for name, number in (("user1", "7010"), ("user2", "7020"), ("user3", "7030")):
        assert many.tree.entry(PASSWD, name)[2:4] == [number, number]
        assert many.tree.entry(GROUP, name)[2] == number
        assert many.tree.exists(f"/home/{name}")


def test_an_account_is_made_once(many: Built) -> None:
    homes = many.tree.names("/home")

    assert not [name for name in homes if "duplicate" in name]
    assert many.tree.text(PASSWD).count("\nuser1:") == 1


def test_two_accounts_may_have_one_home(many: Built) -> None:
    assert many.tree.entry(PASSWD, "user1samehome")[4:6] == ["gecos1", "/home/user1"]
    assert many.tree.entry(GROUP, "user1samehome")[2] == "7001"


def test_a_locked_account_keeps_its_password_and_its_group(many: Built) -> None:
    hashed = many.tree.entry(SHADOW, "user2")[1]

    assert hashed.startswith("!")
    assert same_password("second", hashed.removeprefix("!"))
    assert "user2" in many.tree.entry(GROUP, "wheel")[3].split(",")
    assert same_password("third", many.tree.entry(SHADOW, "user3")[1])
    assert "user3" in many.tree.entry(GROUP, "wheel")[3].split(",")
    assert "user1" not in many.tree.entry(GROUP, "wheel")[3].split(",")


def test_root_is_locked_where_others_do_its_work(one: Built, many: Built) -> None:
    for built in (one, many):
        assert built.tree.entry(SHADOW, "root")[1:3] == ["!", ""]


def test_root_may_log_in_over_ssh_if_that_is_said(outcome: Make) -> None:
    built = outcome("ssh", "shadow-utils", more="rootpw --plaintext --allow-ssh qweqwe\n")
    path = "/etc/ssh/sshd_config.d/01-permitrootlogin.conf"

    assert built.tree.text(path).splitlines()[-1] == "PermitRootLogin yes"
    assert built.tree.mode(path) == "0:0 600"
