"""A machine for the length of one script: what it has, what it says, how it ends."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.errors import CommandError, HostError, RecipeError
from appliance.host import accelerator, elf, kernel_machine, kernels
from appliance.units import MIB
from appliance.work import MachineDisk
from filling import Bench


def test_a_script_sees_its_disks_and_files_and_what_it_prints_comes_back(
    tmp_path: Path, kernel: Path
) -> None:
    disk, other, note = (tmp_path / name for name in ("a,disk", "other", "note"))
    disk.write_bytes(b"x" * MIB + b"here" + bytes(2 * MIB - 4) + b"y" * MIB)
    other.write_bytes(b"kept" * 128)
    note.write_text("from outside\n")
    bench = Bench(tmp_path, kernel)
    script = """
        head -c 4 /dev/vda; echo
        cat /etc/note
        cat /sys/block/vda/size /sys/block/vdb/size /sys/block/vdb/ro
        cat /proc/sys/kernel/osrelease
        printf 'written' > /tmp/new
        cp /tmp/new /dev/vda
        sync
        date +%s
    """
    work = bench.work()

    said = work.machine.run(
        script,
        programs=("head", "date"),
        disks=(MachineDisk(disk, MIB, 2 * MIB), MachineDisk(other, writable=False)),
        files={"/etc/note": note},
    ).splitlines()

    release = next((kernel / "lib/modules").iterdir()).name
    assert said[:6] == ["here", "from outside", "4096", "1", "1", release]
    assert 0 <= int(said[6]) - bench.work().clock < 600, "its clock is the build's"
    assert disk.read_bytes()[:MIB] == b"x" * MIB
    assert disk.read_bytes()[MIB : MIB + 8] == b"written\0"
    assert disk.read_bytes()[3 * MIB :] == b"y" * MIB
    assert other.read_bytes() == b"kept" * 128


def test_a_script_that_fails_says_its_last_words(tmp_path: Path, kernel: Path) -> None:
    script = "echo nearly there\ncat /nothing/here\necho never"

    with pytest.raises(CommandError, match="machine's script stopped with status 1") as caught:
        Bench(tmp_path, kernel).work().machine.run(script, programs=())

    assert caught.value.tail[0] == "nearly there"
    assert "No such file" in caught.value.tail[1]


def test_a_script_that_says_nothing_is_ended(
    tmp_path: Path, kernel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = accelerator.Accelerator("tcg", accelerator.tcg("").arguments, 1.0, "for a test")
    monkeypatch.setattr(kernel_machine.accelerator, "choose", lambda: quick)

    with pytest.raises(CommandError, match="was ended: nothing was said for"):
        Bench(tmp_path, kernel).work().machine.run("sleep 999", programs=(), seconds=20)


def test_without_qemu_its_package_is_named(
    tmp_path: Path, kernel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accelerator, "PROGRAMS", ("qemu-of-nobody",))

    with pytest.raises(HostError, match="QEMU is not installed") as caught:
        Bench(tmp_path, kernel).work().machine.run("true", programs=())

    assert "qemu-system-x86" in caught.value.hint


def test_without_a_program_its_package_is_named(tmp_path: Path, kernel: Path) -> None:
    with pytest.raises(HostError, match="not installed: mkfs.of-nobody"):
        Bench(tmp_path, kernel).work().machine.run("true", programs=("mkfs.of-nobody",))


def test_a_kernel_without_the_module_does_not_do(tmp_path: Path, kernel: Path) -> None:
    with pytest.raises(RecipeError, match="no kernel of the image has nothing_like_that"):
        kernels.choose([kernel], ["nothing_like_that"])


def test_modules_come_after_those_that_they_need(kernel: Path) -> None:
    found, order = kernels.choose([kernel], ["virtio_pci", "virtio_blk", "xfs"])
    names = [path.name.partition(".")[0] for path in order]

    lines = (found.folder / "modules.dep").read_text().splitlines()
    needs = {path: others.split() for path, _, others in (line.partition(":") for line in lines)}
    for path in order:
        for other in needs[str(path.relative_to(found.folder))]:
            assert order.index(found.folder / other) < order.index(path)
    assert names[-1] == "xfs"
    assert found.image.stat().st_size > MIB


def test_a_kernel_is_found_where_its_boot_is_hidden(kernel: Path, tmp_path: Path) -> None:
    aside = shutil.move(kernel / "boot", tmp_path / "boot")
    try:
        with pytest.raises(RecipeError, match="nothing here can start a machine"):
            kernels.choose([kernel], ["xfs"])
        found, _ = kernels.choose([kernel], ["xfs"], aside=aside)
    finally:
        shutil.move(aside, kernel / "boot")

    assert found.image.parent == aside


@pytest.mark.parametrize("name", ["sh", "tar", "mount", "debugfs"])
def test_the_libraries_that_are_found_are_those_of_the_loader(name: str) -> None:
    path = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    assert path
    program = Path(path).resolve()
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in said.splitlines()]
    wanted = {words[0]: Path(words[2]).resolve() for words in lines if "=>" in words}

    found = elf.closure(Path("/"), [program])

    loaders = [path for path in found if path.startswith("/")]
    assert len(loaders) == 1
    assert {name: found[name].resolve() for name in wanted} == wanted


def test_a_library_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    shutil.copy("/bin/tar", tmp_path / "bin/tar")
    (tmp_path / "lib64").mkdir()
    for loader in Path("/lib64").glob("ld-linux*"):
        os.link(
            shutil.copy(loader.resolve(), tmp_path / "loader"), tmp_path / "lib64" / loader.name
        )

    with pytest.raises(HostError, match=r"tar of .* needs lib\S+, which is not there"):
        elf.closure(tmp_path, [tmp_path / "bin/tar"])
