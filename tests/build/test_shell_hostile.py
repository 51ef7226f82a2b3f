"""A filesystem whose names lead out of it: a shell in the image writes nothing on this machine."""

import subprocess
from pathlib import Path

import pytest

import building
from building import Person

MIB = 1024**2
NAMES = {  # of two files, in the image: what they become, once the image is made
    "dots": ("{out}", "harmless"),  # ../../../… and a file of this machine
    "twice": ("link", "link"),  # a link that leads there, then a file of the same name
}
WRITTEN = "written by the image\n"


def evil(place: Path, names: tuple[str, str], victim: Path) -> Path:
    """Make a disk with one ext4 partition; its directory / has entries called *names*, the first
    one a link to *victim* if both names are the same."""
    tree, image = place / "tree", place / "evil.raw"
    (tree / "etc").mkdir(parents=True)
    out = "../" * 20 + str(victim).lstrip("/")
    new = [name.format(out=out) for name in names]
    old = [letter * len(name) for letter, name in zip("AB", new, strict=True)]
    for name in old:
        (tree / name).write_text(WRITTEN)
    if new[0] == new[1]:
        (tree / old[0]).unlink()
        (tree / old[0]).symlink_to(victim)
    made = place / "filesystem"
    subprocess.run(
        ["mke2fs", "-q", "-t", "ext4", "-O", "^metadata_csum,^dir_index", "-d", tree, made, "8M"],
        check=True,
    )
    data = made.read_bytes()
    for before, after in zip(old, new, strict=True):
        assert before.encode() in data
        data = data.replace(before.encode(), after.encode())
    image.write_bytes(bytes(MIB) + data + bytes(MIB))
    table = "label: dos\nstart=2048, size=16384, type=83\n"
    subprocess.run(["sfdisk", "-q", image], input=table, text=True, check=True)
    return image


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("who", ["root", "plain_user"])
def test_nothing_is_written_outside(
    request: pytest.FixtureRequest, place: Path, who: str, names: tuple[str, str]
) -> None:
    person: Person = building.root() if who == "root" else request.getfixturevalue("plain_user")
    free = place / "free"
    free.mkdir()
    free.chmod(0o777)
    image = evil(place, names, free / "victim")
    argv = [*person.before, person.python, "-m", "appliance", "shell"]
    ended = subprocess.run(
        [*argv, "--store", person.home / "store", image, "--", "/no/program"], cwd=place,
        env={"PATH": "/usr/bin:/bin", "HOME": str(person.home), "PYTHONPATH": person.path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert list(free.iterdir()) == []
    assert ended.returncode == 127, ended.stderr  # we got as far as the jail on the image's root
    assert ended.stderr.startswith("/no/program: ")
