"""The conventions: an appliance that goes by all of them, and one break of each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.backends.image_rules.convention_model import told
from appliance.backends.image_rules.conventions import RULES, broken
from appliance.bundle.model import EDITIONS, Artifact, Bundle, Machine, Port, Product
from appliance.bundle.sheet import Sheet, parse
from appliance.handover.sheets import sheet_of
from appliance.work.file_tree import DIRECTORY, FILE, LINK, Entry

TOP = Path(__file__).parents[4]
DOCUMENT = (TOP / "docs/reference/conventions.md").read_text()
UNITS = "/etc/systemd/system"
MENU = "menuentry 'x' {\n\tlinux /vmlinuz root=UUID=1 ro console=tty0 console=ttyS0,115200n8\n}\n"
GOOD = {
    "/usr/lib/os-release": 'ID=debian\nPRETTY_NAME="Debian"\n',
    "/etc/issue": "Debian \\n \\l\n",
    "/etc/machine-id": "uninitialized\n",
    "/etc/shadow": "root:!:1:0:99999:7:::\nperson:$y$j9T$x:1:0:99999:7:::\n",
    "/etc/ssh/sshd_config": "#PermitEmptyPasswords yes\nUsePAM yes\n",
    "/etc/fstab": "# what\nUUID=1 / ext4 defaults,x-systemd.growfs 0 1\nLABEL=E /efi vfat ro 0 2\n",
    "/boot/grub/grub.cfg": MENU,
    "/usr/bin/apt-get": "ELF",
    "/etc/apt/sources.list": "",
    "/etc/apt/sources.list.d/debian.sources": "Types: deb\nURIs: http://m.invalid\n",
    f"{UNITS}/shop.service": "[Service]\nType=notify\n[Install]\nWantedBy=multi-user.target\n",
    f"{UNITS}/sysinit.target.wants/appliance-credentials.service": "-> /usr/lib",
    f"{UNITS}/sysinit.target.wants/appliance-first-boot.service": "-> /usr/lib",
    "/usr/libexec/appliance/first-boot": "#!/bin/sh\n",
    "/usr/local/bin": "/",
    "/vmlinuz": "-> boot/vmlinuz",
    "/lost+found": "/",
}
BUNDLE = Bundle(
    "shop", "1", "1", "debian", "trixie", 0, "ab", Machine(), ("bios",),
    (Artifact("sda", "shop-sda.qcow2", "qcow2", 1, "ab"),), (),
    product=Product("Shop", "1", "ACME", description="It sells.", ports=(Port(80, name="http"),),
                    conventions=1),
)  # fmt: skip


@dataclass(frozen=True)
class Texts:
    """A tree of a few files, by their paths: "-> there" is a link, "/" a directory."""

    texts: Mapping[str, str]

    def entries(self) -> Iterator[Entry]:
        yield from filter(None, map(self.find, self.texts))

    def find(self, path: str) -> Entry | None:
        if path not in self.texts:
            return None
        text = self.texts[path]
        kind = LINK if text.startswith("-> ") else DIRECTORY if text == "/" else FILE
        return Entry(path, kind, 0o644, 0, 0, len(text), 0)

    def read(self, path: str, limit: int) -> bytes:
        found = self.find(path)
        return self.texts[path].encode()[:limit] if found and found.kind == FILE else b""


def numbers(files: Mapping[str, str], bundle: Bundle | None = BUNDLE) -> list[str]:
    return [rule.number for rule, _ in broken(told(Texts(files), bundle))]


def test_nothing_is_wrong_with_one_that_goes_by_all_of_them() -> None:
    assert numbers(GOOD) == []
    assert numbers(GOOD, None) == []


PLAIN = "[Service]\nExecStart=/opt/shop/shop\n[Install]\nWantedBy=multi-user.target\n"
CREDENTIALS = f"{UNITS}/sysinit.target.wants/appliance-credentials.service"
FIRST_BOOT = f"{UNITS}/sysinit.target.wants/appliance-first-boot.service"


@pytest.mark.parametrize(
    ("number", "path", "text"),
    [
        ("1.3", "/usr/lib/os-release", "ID=debian\n"),
        ("2.1", "/srv2", "/"),
        ("2.1", "/data", "-> srv"),
        ("2.2", "/usr/local/bin/shop", "#!/bin/sh\n"),
        ("3.1", CREDENTIALS, None),
        ("3.2", "/etc/shadow", "root::1:0:99999:7:::\n"),
        ("3.2", "/etc/ssh/sshd_config.d/shop.conf", "  permitemptypasswords yes\n"),
        ("4.1", "/boot/grub/grub.cfg", MENU.replace("console=ttyS0,115200n8", "")),
        ("4.1", "/boot/grub/grub.cfg", MENU.replace("console=tty0", "")),
        ("4.1", "/boot/loader/entries/a.conf", "title x\noptions root=UUID=1 console=ttyS0\n"),
        ("4.2", "/etc/issue", None),
        ("5.1", f"{UNITS}/shop.service", "[Service]\nType=notify\nStandardOutput=append:/var/x\n"),
        ("6.1", "/etc/machine-id", "ab" * 16),
        ("6.1", "/etc/ssh/ssh_host_ed25519_key", "x"),
        ("6.1", "/var/lib/systemd/random-seed", "x"),
        ("6.2", FIRST_BOOT, None),
        ("7.1", "/etc/apt/sources.list.d/debian.sources", None),
        ("7.1", "/usr/bin/dnf", "-> dnf5"),
        ("7.2", "/etc/apt/sources.list", "deb [trusted=yes] http://m.invalid x main\n"),
        ("7.2", "/etc/apt/sources.list.d/x.sources", "Types: deb\nTrusted: yes\n"),
        ("7.2", "/etc/yum.repos.d/x.repo", "[x]\ngpgcheck = 0\n"),
        ("9.1", "/etc/fstab", "/dev/sda3 / ext4 x-systemd.growfs 0 1\n"),
        ("9.2", "/etc/fstab", "UUID=1 / ext4 defaults 0 1\n"),
    ],
)
def test_a_break_is_named(number: str, path: str, text: str | None) -> None:
    files = {**GOOD, path: text or ""}
    if text is None:
        del files[path]
    assert numbers(files) == [number]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/fstab", "UUID=1 / erofs ro 0 0\n"),
        ("/etc/fstab", "UUID=1 / ext4 ro 0 0\n"),
        ("/etc/yum.repos.d/x.repo", "[x]\ngpgcheck=1\nrepo_gpgcheck=0\n"),
        ("/boot/grub/grub.cfg", "menuentry 'x' {\n\tlinux /memtest86\n}\n"),
        (f"{UNITS}/shop.service", "[Service]\nStandardOutput=journal\nType=oneshot\n"),
        (f"{UNITS}/multi-user.target.wants/shop.service", "-> ../shop.service"),
    ],
)
def test_what_is_as_good_is_no_break(path: str, text: str) -> None:
    assert numbers({**GOOD, path: text}) == []


def test_cloud_init_is_a_way_in_too() -> None:
    files = {**GOOD, "/usr/bin/cloud-init": "#!/usr/bin/python3\n"}
    del files[CREDENTIALS]
    assert numbers(files) == []


def test_a_service_is_ready_when_it_says_so_or_its_port_answers() -> None:
    files = {**GOOD, f"{UNITS}/shop.service": PLAIN}
    silent = replace(BUNDLE, product=replace(BUNDLE.product, ports=()))
    assert numbers(files) == []
    assert numbers(files, silent) == ["8.1"]
    assert numbers({**files, f"{UNITS}/shop.service": f"{PLAIN}Type=notify\n"}, silent) == []


@pytest.mark.parametrize(
    ("number", "fields"),
    [
        *(("1.1", {name: ""}) for name in ("name", "vendor", "version", "description")),
        ("1.2", {"conventions": 0}),
        ("1.2", {"conventions": 99}),
        ("8.2", {"ports": (Port(80),)}),
    ],
)
def test_a_description_that_says_too_little(number: str, fields: dict[str, object]) -> None:
    bundle = replace(BUNDLE, product=replace(BUNDLE.product, **fields))  # type: ignore[arg-type]
    assert numbers(GOOD, bundle) == [number]


def test_a_description_without_a_machine_or_digests() -> None:
    image = replace(BUNDLE.artifacts[0], sha256="")
    assert numbers(GOOD, replace(BUNDLE, firmware=(), artifacts=(image,))) == ["10.1", "10.1"]


def test_each_break_says_where_it_is_and_what() -> None:
    found = list(broken(told(Texts({}), Bundle("x", "", "", "", "", 0, "", Machine(), (), (), ()))))
    assert len({rule.number for rule, _ in found}) > 5
    assert all(breach.path and breach.what for _, breach in found)


def test_the_document_has_a_paragraph_for_each_rule_and_no_other() -> None:
    written = re.findall(r"^\*\*(\d+\.\d+)\*\* (.+?)\.(?:\s|$)", DOCUMENT, re.MULTILINE | re.DOTALL)
    sentences = {number: " ".join(text.split()).lower() for number, text in written}
    assert sentences == {rule.number: rule.sentence.lower() for rule in RULES}


def test_the_document_is_read_in_ten_minutes() -> None:
    assert len(DOCUMENT.split()) < 1800  # 180 words a minute, by somebody who thinks about them
    assert f"edition {EDITIONS[-1]}" in DOCUMENT


@pytest.mark.parametrize("path", sorted((TOP / "kickstarts").glob("*.ks")), ids=lambda p: p.stem)
def test_each_shipped_kickstart_says_what_it_is_and_its_edition(path: Path) -> None:
    sheet = sheet_of(path, None, Sheet())
    product = replace(sheet.product, version=sheet.version)
    bundle = replace(BUNDLE, product=product)
    assert numbers(GOOD, bundle) == []


@pytest.mark.parametrize("said", ["2", "0", "true", '"1"', "1.5"])
def test_an_edition_that_is_not_there_is_refused(said: str) -> None:
    with pytest.raises(Exception, match="x.toml:2: conventions: the editions that there are: 1"):
        parse(f"[product]\nconventions = {said}\n", Path("x.toml"))
