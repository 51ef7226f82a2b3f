"""Which of a host's archives are Debian's."""

from pathlib import Path

from appliance.backends.families.debian import DEBIAN
from appliance.host.apt_configuration import host_sources

VENDOR = "deb [signed-by=/k/vendor.gpg] http://v.example/apt bookworm main\n"


def host(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def found(root: Path) -> list[str]:
    return [source.uri for source in host_sources(DEBIAN, root=root)]


def test_a_host_without_apt_has_none(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_other_vendors_archives_are_left_out_by_their_origin(tmp_path: Path) -> None:
    files = {
        "etc/apt/sources.list": "deb http://d.example/de_b/debian bookworm main\n",
        "etc/apt/sources.list.d/v.list": "deb http://v.example/apt bookworm main\n",
        "var/lib/apt/lists/d.example_de%5fb_debian_dists_bookworm_InRelease": "Origin: Debian\n",
        "var/lib/apt/lists/v.example_apt_dists_bookworm_Release": "Origin: Vendor\n",
    }
    assert found(host(tmp_path, files)) == ["http://d.example/de_b/debian"]


def test_before_the_first_update_keyring_and_suite_decide(tmp_path: Path) -> None:
    key = f"[signed-by={DEBIAN.keyring}]"
    files = {
        "etc/apt/sources.list": "deb http://a.example/debian trixie-updates main\n"
        "deb http://a.example/x nodistro main\n",
        "etc/apt/sources.list.d/b.list": f"deb {key} http://b.example/debian stable main\n{VENDOR}",
    }
    assert found(host(tmp_path, files)) == ["http://a.example/debian", "http://b.example/debian"]


def test_disabled_files_are_not_read(tmp_path: Path) -> None:
    line = "deb http://a.example/debian trixie main\n"
    names = ("a.list.disabled", "a.list.save", "b c.list", "d.txt")
    assert found(host(tmp_path, {f"etc/apt/sources.list.d/{name}": line for name in names})) == []
