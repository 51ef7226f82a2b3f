"""The list of a repository's packages, as createrepo_c wrote it or as a stranger spoiled it."""

import bz2
import gzip
import io
import lzma
import random
import subprocess
import time
from pathlib import Path

import pytest

from appliance.backends.package_managers import primary
from appliance.backends.package_managers.primary import PrimaryEntry
from appliance.errors import SourceError
from appliance.packages.metadata import Metadata

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<metadata xmlns="http://linux.duke.edu/metadata/common" '
    'xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="2">\n'
)
PACKAGE = """<package type="rpm">
  <name>{name}</name>
  <arch>{arch}</arch>
  <version epoch="{epoch}" ver="{version}" rel="1.fc44"/>
  <checksum type="{kind}" pkgid="YES">{sha256}</checksum>
  <summary>Some package &lt;package&gt; {name}</summary>
  <time file="1714564800" build="{built}"/>
  <size package="{size}" installed="0" archive="124"/>
  <location href="{place}"/>
  <format><rpm:provides><rpm:entry name="{name}"/></rpm:provides></format>
</package>
"""
USUAL = {
    "name": "bash", "arch": "x86_64", "epoch": "0", "version": "5.2", "kind": "sha256",
    "sha256": "ab" * 32, "built": "1714564800", "size": "42", "place": "Packages/b/bash.rpm",
}  # fmt: skip
BASH = ("bash", "5.2-1.fc44", "x86_64")


def document(*packages: dict[str, str]) -> bytes:
    texts = [PACKAGE.format(**{**USUAL, **package}) for package in packages]
    return (HEAD + "".join(texts) + "</metadata>\n").encode()


def find(text: bytes, *wanted: tuple[str, str, str]) -> dict[tuple[str, str, str], PrimaryEntry]:
    return primary.find(io.BytesIO(text), wanted)


def test_a_package_is_found_by_name_version_and_architecture() -> None:
    text = document(
        {}, {"arch": "i686", "place": "b/i"}, {"version": "5.1"}, {"name": "zsh", "epoch": "3"}
    )
    zsh = ("zsh", "3:5.2-1.fc44", "x86_64")
    found = find(text, BASH, zsh, ("zsh", "5.2-1.fc44", "x86_64"), ("no", "1-1", "noarch"))
    assert set(found) == {BASH, zsh}
    assert found[BASH] == PrimaryEntry("ab" * 32, 42, "Packages/b/bash.rpm", 1714564800)
    assert primary.names(io.BytesIO(text)) == ("bash", "bash", "bash", "zsh")


@pytest.mark.parametrize("count", [0, 1, 7, 64, 1000, 5_000_000])
def test_where_a_piece_ends_does_not_matter(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(primary, "CHUNK", max(count, 1))
    text = document(*({"name": f"p{number}"} for number in range(20)))
    assert primary.names(io.BytesIO(text)) == tuple(f"p{number}" for number in range(20))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kind": "md5", "sha256": "ab" * 16}, "knows bash by no SHA-256 but by md5"),
        ({"sha256": "AB" * 32}, "by no SHA-256"),
        ({"sha256": "../../etc/passwd"}, "by no SHA-256"),
        ({"size": "many"}, "says no size"),
        ({"size": "-5"}, "says no size"),
        ({"size": "²"}, "says no size"),
        ({"size": "9" * 5000}, "says no size"),
        ({"place": ""}, "no sound place"),
        ({"place": "Packages/../../../etc/passwd"}, "no sound place"),
        ({"place": "Packages/%2e%2E%2fetc/passwd"}, "no sound place"),
        ({"place": "/etc/passwd"}, "no sound place"),
        ({"place": "%2fetc/passwd"}, "no sound place"),
        ({"place": "https://elsewhere.example/bash.rpm"}, "no sound place"),
        ({"place": 'bash.rpm" xml:base="https://elsewhere.example/'}, "xml:base=https://elsew"),
        ({"built": str(2**32 + 1)}, "strange time of bash"),
        ({"arch": "../x86_64"}, "cannot be called so"),
        ({"version": "5/../.."}, "cannot be called so"),
        ({"epoch": "-1"}, "cannot be called so"),
    ],
)
def test_what_we_cannot_take_is_refused_by_name(change: dict[str, str], complaint: str) -> None:
    with pytest.raises(SourceError, match=complaint):
        find(document(change), BASH)
    assert find(document(change), ("zsh", "1-1", "noarch")) == {}


def test_a_name_that_is_a_path_is_refused() -> None:
    evil = ("../../evil", "5.2-1.fc44", "x86_64")
    with pytest.raises(SourceError, match="cannot be called so"):
        find(document({"name": "../../evil"}), evil)


@pytest.mark.parametrize("built", ["", "yesterday", "²", "-1", "9" * 5000])
def test_a_strange_time_counts_for_nothing(built: str) -> None:
    assert find(document({"built": built}), BASH)[BASH].built == 0


@pytest.mark.parametrize(
    "inside",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        "&undefined;",
        "<deep>" * 5000 + "</deep>" * 5000,
        "<summary>not closed",
        "\x01",
    ],
)
def test_a_package_that_is_not_xml_is_refused(inside: str) -> None:
    text = document({}).replace(b"<format>", inside.encode() + b"<format>")
    with pytest.raises(SourceError, match=r"primary\.xml cannot be read"):
        find(text, BASH)


def test_entities_of_the_document_are_never_used(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("b" * 64)
    doctype = f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]>\n<metadata'
    text = document({"sha256": "&s;"}).replace(b"<metadata", doctype.encode(), 1)
    with pytest.raises(SourceError):
        find(text, BASH)


def test_a_package_without_an_end_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(primary, "CHUNK", 1024)
    monkeypatch.setattr(primary, "LARGEST", 10_000)
    endless = io.BytesIO(document({}).replace(b"</package>", b"") + b"x" * 100_000)
    with pytest.raises(SourceError, match="larger than anybody expects"):
        primary.names(endless)
    assert endless.tell() < 20_000


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2", ""])
def test_spoiled_bytes_are_our_error_and_no_other(tmp_path: Path, suffix: str) -> None:
    packing = {".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress, "": bytes}
    packed = packing[suffix](document(*({"name": f"p{number}"} for number in range(50))))
    path = tmp_path / f"primary.xml{suffix}"
    dice = random.Random(suffix)
    refused = 0
    for _ in range(150):
        data = bytearray(packed)
        for _ in range(dice.choice((1, 1, 5))):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        path.write_bytes(data[: dice.choice((len(data), dice.randrange(len(data))))])
        for use in (
            primary.names,
            lambda stream: primary.find(stream, [("p1", "5.2-1.fc44", "x86_64")]),
        ):
            try:
                with primary.opened(path) as stream:
                    use(stream)
            except SourceError:
                refused += 1
    assert refused > (0 if not suffix else 100)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_as_many_packages_as_a_large_distribution_has_take_about_a_second(
    tmp_path: Path, suffix: str
) -> None:
    """Measured: 0.5 s each for 70,000 packages of 1700 bytes; half of it is gzip's."""
    place = tmp_path / "base-0123456789abcdef/repodata"
    place.mkdir(parents=True)
    body = "".join(
        PACKAGE.format(**{**USUAL, "name": f"p{number}", "place": f"p/{number}.rpm"})
        for number in range(20_000)
    )
    path = place / "primary.xml"
    path.write_text(HEAD + body + "</metadata>")
    packer = {".gz": ["gzip", "-1"], ".zst": ["zstd", "-q", "-1", "--rm"]}[suffix]
    subprocess.run([*packer, path], check=True)
    (place / "repomd.xml").write_text(
        '<repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="primary">'
        f'<location href="repodata/primary.xml{suffix}"/></data></repomd>'
    )
    metadata = Metadata(tmp_path, "base")
    began = time.process_time()
    assert len(metadata.names()) == 20_000
    wanted = [(f"p{number}", "5.2-1.fc44", "x86_64") for number in range(0, 20_000, 50)]
    assert metadata.find(wanted)[wanted[-1]].location == "p/19950.rpm"
    assert time.process_time() - began < 2
