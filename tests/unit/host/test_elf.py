"""What a program needs, read out of files that are made here."""

import struct
from pathlib import Path

import pytest

from appliance.errors import HostError
from appliance.host import elf


def program(*libraries: str, loader: str = "", runpath: str = "") -> bytes:
    """A 64-bit ELF file with nothing in it but what the loader reads."""
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in (*libraries, runpath))
    places = [strings.index(name.encode() + b"\0") for name in libraries]
    entries = [(elf.NEEDED, place) for place in places]
    if runpath:
        entries.append((elf.RUNPATH, strings.index(runpath.encode() + b"\0")))
    base = 64 + 3 * 56  # behind the header and three program headers
    text = loader.encode() + b"\0"
    dynamic_at = base + len(text) + len(strings)
    entries += [(elf.STRINGS, 0x1000 + base + len(text)), (elf.END, 0)]
    dynamic = b"".join(struct.pack("<QQ", *entry) for entry in entries)
    size = dynamic_at + len(dynamic)
    headers = [
        (elf.LOAD, 0, 0x1000, size),
        (elf.INTERPRETER if loader else 0, base, 0, len(text)),
        (elf.DYNAMIC, dynamic_at, 0x1000 + dynamic_at, len(dynamic)),
    ]
    head = b"\x7fELF\x02\x01\x01".ljust(32, b"\0") + struct.pack("<Q", 64)
    head = head.ljust(54, b"\0") + struct.pack("<HH", 56, len(headers))
    table = b"".join(
        struct.pack("<IIQQQQQQ", kind, 0, offset, place, 0, length, length, 1)
        for kind, offset, place, length in headers
    )
    return head.ljust(64, b"\0") + table + text + strings + dynamic


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("usr/bin", "usr/lib/x86_64-linux-gnu", "opt/own", "etc/ld.so.conf.d"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "usr/bin/tool").write_bytes(
        program("liba.so", "libown.so", loader="/lib/ld.so", runpath="$ORIGIN/../../opt/own")
    )
    (tmp_path / "usr/lib/x86_64-linux-gnu/liba.so").write_bytes(program("libc.so"))
    (tmp_path / "usr/lib/libc.so").write_bytes(program())
    (tmp_path / "usr/lib/ld.so").write_bytes(program())
    (tmp_path / "opt/own/libown.so").write_bytes(program("liba.so"))
    (tmp_path / "lib").symlink_to("usr/lib")
    return tmp_path


def test_what_a_program_says(root: Path) -> None:
    said = elf.needs(root / "usr/bin/tool")
    assert said == elf.Needs(("liba.so", "libown.so"), ("$ORIGIN/../../opt/own",), "/lib/ld.so")


def test_a_script_needs_nothing(root: Path) -> None:
    script = root / "usr/bin/script"
    script.write_text("#!/bin/sh\n")
    assert elf.needs(script) == elf.Needs()


def test_everything_that_is_needed_is_found_in_its_root(root: Path) -> None:
    found = elf.closure(root, [root / "usr/bin/tool"])
    assert {name: str(path.relative_to(root)) for name, path in found.items()} == {
        "liba.so": "usr/lib/x86_64-linux-gnu/liba.so",
        "libc.so": "usr/lib/libc.so",
        "libown.so": "opt/own/libown.so",
        "/lib/ld.so": "usr/lib/ld.so",
    }


def test_a_library_that_is_missing_is_named(root: Path) -> None:
    (root / "usr/lib/libc.so").unlink()
    with pytest.raises(HostError, match=r"liba\.so of .* needs libc\.so, which is not there"):
        elf.closure(root, [root / "usr/bin/tool"])
