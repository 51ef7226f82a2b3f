"""The release package of a brand, made by the real rpmbuild and read back by the real rpm."""

import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.cli import main
from pictures import png
from tiny_distribution import signer

SHEET = """\
[product]
name = "ACME 100% \\"Web\\""
version = "1.2-rc1"
vendor = "ACME %(touch /tmp/expanded) Ltd"
url = "https://acme.example/web"

[brand]
id = "acme"
logo = "logo.png"
banner = "Authorised users only."
"""


def sheet(place: Path, text: str = SHEET) -> Path:
    (place / "logo.png").write_bytes(png(2, 2))
    path = place / "web.toml"
    path.write_text(text)
    return path


def made(place: Path, *words: str, base: str = "almalinux-10") -> Path:
    output = place / "made"
    assert main(["brand", "rpm", str(sheet(place)), "--base", base, "-o", str(output), *words]) == 0
    (file,) = output.iterdir()
    return file


def ask(file: Path, *words: str) -> list[str]:
    argv = ["rpm", "-qp", "--nosignature", *words, str(file)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()


def content(file: Path, path: str) -> str:
    packed = file.with_suffix(".cpio")
    with packed.open("wb") as target:
        subprocess.run(["7zz", "e", "-so", file], check=True, stdout=target)
    words = ["7zz", "e", "-tcpio", "-so", packed, f".{path}"]
    said = subprocess.run(words, check=True, capture_output=True).stdout.decode()
    packed.unlink()
    return said


def test_it_takes_the_place_of_the_distributions(tmp_path: Path) -> None:
    file = made(tmp_path)
    assert file.name == "acme-release-10-1.2_rc1.noarch.rpm"
    provided = ask(file, "--provides")
    for name in ("system-release = 10-1.2_rc1", "system-release(releasever) = 10",
                 "redhat-release = 10-1.2_rc1", "almalinux-release = 10-1.2_rc1",
                 "base-module(platform:el10)", "system-logos"):  # fmt: skip
        assert name in provided
    assert {"almalinux-release", "redhat-release"} <= set(ask(file, "--conflicts"))
    assert "almalinux-repos" in ask(file, "--requires")
    files = ask(file, "--list")
    for path in ("/etc/os-release", "/etc/redhat-release", "/usr/share/pixmaps/poweredby.png",
                 "/usr/lib/systemd/system-preset/99-default-disable.preset"):  # fmt: skip
        assert path in files


def test_what_a_sheet_says_is_text_and_nothing_else(tmp_path: Path) -> None:
    Path("/tmp/expanded").unlink(missing_ok=True)
    file = made(tmp_path)
    (vendor,) = ask(file, "--queryformat", "%{VENDOR}\n")
    assert vendor == "ACME %(touch /tmp/expanded) Ltd"
    assert not Path("/tmp/expanded").exists()
    said = content(file, "/usr/lib/os-release").splitlines()
    assert 'NAME="ACME 100% \\"Web\\""' in said
    assert 'ID_LIKE="almalinux rhel centos fedora"' in said
    assert {'VERSION_ID="10"', 'PLATFORM_ID="platform:el10"', "IMAGE_ID=web"} <= set(said)


def test_the_same_sheet_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first = made(tmp_path / "one").read_bytes()
    assert made(tmp_path / "two").read_bytes() == first


def test_fedora_keeps_its_neutral_pictures(tmp_path: Path) -> None:
    file = made(tmp_path, base="fedora-44")
    assert "/usr/share/pixmaps/poweredby.png" not in ask(file, "--list")
    assert "/usr/share/pixmaps/acme-logo.png" in ask(file, "--list")
    assert "system-logos" not in ask(file, "--provides")
    assert "/etc/fedora-release" in ask(file, "--list")
    assert "%fedora 44" in content(file, "/usr/lib/rpm/macros.d/macros.dist")


def test_it_is_signed_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with signer(tmp_path / "keys") as (_, _keyring):
        monkeypatch.setenv("GNUPGHOME", str(tmp_path / "keys"))
        file = made(tmp_path, "--gpg-key", "tiny@example.org")
    (signed,) = ask(file, "--queryformat", "%{RSAHEADER:pgpsig}%{DSAHEADER:pgpsig}\n")
    assert "Key ID" in signed


def test_a_key_that_is_not_there_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "none"))
    typed = [
        "brand",
        "rpm",
        str(sheet(tmp_path)),
        "--base",
        "rocky-9",
        "-o",
        str(tmp_path / "made"),
    ]
    assert main([*typed, "--gpg-key", "nobody@example.org"]) == 4
    assert "rpmsign stopped with status" in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("text", "base", "said"),
    [
        ("[product]\nname = 'Web'\n", "rocky-9", "has no [brand]\n  try: add: [brand]"),
        (SHEET, "debian-12", "--base debian-12: this is no release of an RPM family"),
        (SHEET, "fedora", "--base fedora: this is no release"),
    ],
)
def test_what_cannot_be_made_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, base: str, said: str
) -> None:
    path = sheet(tmp_path, text)
    assert main(["brand", "rpm", str(path), "--base", base, "-o", str(tmp_path / "made")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


def test_a_package_that_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = made(tmp_path)
    before = file.stat().st_mtime_ns
    typed = ["brand", "rpm", str(tmp_path / "web.toml"), "--base", "almalinux-10"]
    assert main([*typed, "-o", str(file.parent)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert file.stat().st_mtime_ns == before
    shutil.rmtree(file.parent)


def test_a_directory_with_blanks_and_a_percent_sign(tmp_path: Path) -> None:
    place = tmp_path / "my %(touch gone) brand"
    place.mkdir()
    file = made(place)
    assert file.parent == place / "made"
    plain = file.rename(tmp_path / "plain.rpm")  # rpm takes parentheses for a pattern
    assert ask(plain, "--qf", "%{NAME}") == ["acme-release"]
