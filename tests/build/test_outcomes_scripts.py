"""What Anaconda's own kickstart tests look for in scripts, includes, containers and what a system
starts, in built images; docs/explanation/kickstart-tests.md has the table."""

import pytest

from outcome_fixtures import Built, Make
from rpm_fixtures import RpmYard

TARGET = "/etc/systemd/system/default.target"
SCRIPTS = """\
%include included.ks
%pre --interpreter=/bin/bash
echo "from bash: ${BASH_VERSION:+yes}" > /tmp/first
%end
%pre --interpreter=/usr/bin/python3
print(open("/tmp/first").read().strip(), file=open("/tmp/second", "w"))
%end
%pre
cat /tmp/second > /tmp/third
%end
%pre-install --interpreter=/usr/bin/python3 --log=/mnt/sysroot/root/preinstall_python.log
print(open("/tmp/third").read().strip())
%end
%pre-install --log=/mnt/sysroot/root/preinstall_error.log
echo before it fails
exit 1
%end
%post --nochroot --log=/mnt/sysroot/root/post-nochroot.log
echo outside
echo SUCCESS > /mnt/sysroot/root/RESULT
%end
%post --log=/root/post-chroot.log
grep SUCCESS /root/RESULT
echo inside
%end
"""


@pytest.fixture(scope="module")
def scripted(outcome: Make, outcome_yard: RpmYard) -> Built:
    """With scripts of every kind, and a post script in a file of its own."""
    (outcome_yard.place / "included.ks").write_text("%post\necho included > /root/included\n%end\n")
    return outcome("scripted", "grep", more=SCRIPTS)


def test_scripts_before_anything_see_what_others_left(scripted: Built) -> None:
    assert scripted.tree.text("/root/preinstall_python.log") == "from bash: yes\n"


def test_a_script_before_the_packages_may_fail_and_is_logged(scripted: Built) -> None:
    assert "before it fails\n" in scripted.tree.text("/root/preinstall_error.log")


def test_scripts_after_the_packages_are_logged_inside_and_outside(scripted: Built) -> None:
    assert scripted.tree.text("/root/post-nochroot.log") == "outside\n"
    assert scripted.tree.text("/root/post-chroot.log") == "SUCCESS\ninside\n"


def test_what_is_included_counts(scripted: Built) -> None:
    assert scripted.tree.text("/root/included") == "included\n"


def test_a_container_has_next_to_nothing(outcome: Make) -> None:
    built = outcome("container", "bash", "-kernel", "-systemd", "-rpm",
                    more="timezone Etc/UTC --utc\ntimesource --ntp-disable\n")  # fmt: skip

    unwanted = ("kernel", "grub2", "authselect", "authconfig", "firewall", "chrony", "rpm")
    assert not [name for name in built.packages if name.startswith(unwanted)]
    assert len(built.packages) < 50


def test_without_a_word_a_system_starts_what_its_packages_are_for(outcome: Make) -> None:
    plain = outcome("plain", "systemctl-of-the-tests", "rpm")
    graphical = outcome("graphical", "systemctl-of-the-tests", "rpm", "gdm")

    assert plain.tree.link(TARGET).endswith("/multi-user.target")
    assert graphical.tree.link(TARGET).endswith("/graphical.target")


@pytest.mark.parametrize("word", ["text", "cmdline"])
def test_installed_without_a_screen_a_system_starts_none(word: str, outcome: Make) -> None:
    built = outcome(word, "systemctl-of-the-tests", "rpm", "gdm", more=f"{word}\n")

    assert built.tree.link(TARGET).endswith("/multi-user.target")


def test_nothing_of_the_first_boots_questions_comes_unasked(outcome: Make) -> None:
    built = outcome("unasked", "tmux")

    assert not {"initial-setup", "initial-setup-gui"} & built.packages
    assert not built.tree.exists("/etc/reconfigSys")


RECIPE = """\
repo --name=base --baseurl={url}/base
repo --name=addon-a --baseurl={url}/addon-a
part / --fstype=ext4 --size=300
{lines}
%packages --nocore
coreutils
{packages}
%end
"""


@pytest.mark.parametrize(
    ("lines", "packages", "there", "absent"),
    [
        ("firewall --enable", "", "firewalld", ""),
        ("firewall --disable", "", "firewalld", ""),
        ("firewall --use-system-defaults", "", "firewalld", ""),
        ("firewall --disable\nbootloader --disabled", "", "", "firewalld kernel grub2-pc"),
        ("", "", "kernel grub2-pc", "firewalld authselect chrony"),
        ("", "-kernel", "grub2-pc", "kernel"),
        ("lang cs_CZ.UTF-8 --addsupport=ru_RU", "", "langpacks-cs langpacks-ru", ""),
        ("authselect select sssd with-mkhomedir", "", "authselect", ""),
        ("timesource --ntp-server=ntp.example.org", "", "chrony", ""),
        ("timesource --ntp-disable", "", "", "chrony"),
        ("timesource --ntp-disable", "-chrony", "", "chrony"),
    ],
)
def test_what_is_said_brings_its_packages(
    lines: str, packages: str, there: str, absent: str, outcome_yard: RpmYard
) -> None:
    outcome_yard.mirror.behave()
    recipe = outcome_yard.place / "brings.ks"
    text = RECIPE.format(url=outcome_yard.mirror.url, lines=lines, packages=packages)
    recipe.write_text(text)
    found = set(outcome_yard.lock(recipe, "--no-gpg-check", "addon-a"))

    assert set(there.split()) <= found
    assert not set(absent.split()) & found
