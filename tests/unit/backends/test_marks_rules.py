"""Which marks of others `lint --marks` finds in a tree of files."""

from appliance.backends.families import KNOWN
from appliance.backends.image_rules import LEAKS, MARKS, Background, every_rule, judge
from file_trees import WrittenTree

PLAIN = {
    "/usr/lib/os-release": b'NAME="Debian GNU/Linux"\nID=debian\n',
    "/etc/issue": b"Debian GNU/Linux 12 \\n \\l\n",
    "/etc/dpkg/origins/default": b"Vendor: Debian\n",
    "/usr/share/pixmaps/debian-logo.png": b"PNG",
    "/usr/share/desktop-base/active/deep/logo.svg": b"<svg/>",
    "/var/lib/dpkg/status": b"Package: desktop-base\nStatus: install ok installed\n",
}
BRANDED = {
    "/usr/lib/os-release": b"NAME=ACME\nID=acme\nID_LIKE=debian\n",
    "/usr/lib/os-release.distrib": b'NAME="Debian GNU/Linux"\nID=debian\n',
    "/etc/issue": b"ACME\n",
    "/etc/update-motd.d/10-help-text.distrib": b"echo Debian\n",
    "/usr/share/pixmaps/debian-logo.png.distrib": b"PNG",
    "/etc/dpkg/origins/default": b"Vendor: ACME\nParent: Debian\n",
    "/boot/grub/grub.cfg": b'menuentry "ACME" {\n    linux /vmlinuz-Debian\n}\n',
}


def found(files: dict[str, bytes]) -> list[tuple[str, str]]:
    judgement = judge(WrittenTree(files), every_rule(MARKS), Background())
    assert not judgement.unjudged
    return [(item.rule, item.path) for item in judgement.findings]


def test_a_distribution_shows_its_own_marks() -> None:
    assert sorted(found(PLAIN)) == [
        ("debian-name", "/etc/issue"),
        ("debian-name", "/usr/lib/os-release"),
        ("debian-package", "/var/lib/dpkg/status"),
        ("debian-picture", "/usr/share/desktop-base/active/deep/logo.svg"),
        ("debian-picture", "/usr/share/pixmaps/debian-logo.png"),
        ("debian-vendor", "/etc/dpkg/origins/default"),
    ]


def test_a_branded_system_shows_none() -> None:
    assert not found(BRANDED)


def test_marks_of_another_distribution_are_found_too() -> None:
    files = {**BRANDED, "/etc/motd": b"from Fedora\n", "/usr/share/pixmaps/fedora-logo.png": b"P"}
    assert found(files) == [
        ("fedora-name", "/etc/motd"), ("fedora-picture", "/usr/share/pixmaps/fedora-logo.png"),
    ]  # fmt: skip


def test_each_finding_names_the_page_of_whose_marks_they_are() -> None:
    for finding in judge(WrittenTree(PLAIN), every_rule(MARKS), Background()).findings:
        assert finding.source == KNOWN["debian"].marks.address
        assert "the Debian project says" in finding.sentence


def test_marks_are_looked_for_on_request_only() -> None:
    assert not {rule.name for rule in every_rule(LEAKS)} & {rule.name for rule in every_rule(MARKS)}
