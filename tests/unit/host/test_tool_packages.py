"""Whatever product and tests call is in the table of tools, and in every list of packages.

The programs are read from the source, so one that nobody listed is found here, and not by whoever
first runs the tests on a machine without it.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import programs
from appliance.host.checkup import PURPOSES
from appliance.host.tools import TOOLS, Tool
from documentation import FOLLOWED, parts
from reader import PROGRAMS

PROJECT = Path(__file__).parents[3]
MAKEFILE = (PROJECT / "Makefile").read_text()
CONTROL = (PROJECT / "packaging/control").read_text()
SPEC = (PROJECT / "packaging/appliance-tools.spec").read_text()
ALTERNATIVES = re.compile(r"[()]| or |[|]")
# What every system has: of Debian what is essential, or what that depends on (dpkg(1), Essential);
# of Fedora what rpm and dnf themselves need.
ALWAYS = {
    "debian": {
        *("bash", "bsdutils", "coreutils", "dash", "diffutils", "findutils", "grep", "gzip"),
        *("hostname", "libc-bin", "sed"),
    },
    "fedora": {"bash", "coreutils", "glibc-common", "grep", "sed"},
}
# What the reader takes for a program: words of other languages, and programs of images.
NOT_PROGRAMS = {
    *("bin", "lib", "lib64", "sbin"),  # directories of a root with tools
    *("build", "check", "lint", "shell"),  # our commands
    "chromium-browser",  # what Fedora calls chromium
    "node",  # looked for, and used where it is there
    *("creator", "virt_image"),  # our own, by the names of their modules
    *("documented", "filesystem", "makecache", "note", "other"),  # words for dnf and for tests' own
    *("dosfstools", "e2fsprogs", "xfsprogs"),  # packages whose programs are looked for one by one
    *("extlinux", "mkfs.of-nobody", "rootpw", "run"),
}
# What pages call: ours, what a venv brings, and what began `make test`.
OWN = {*PROGRAMS, "pip", "make"}
# What the reader cannot see: who calls it is a program, a library, or not written as a list.
UNSEEN = {
    *("insmod", "newgidmap", "newuidmap", "pasta", "pygrub", "qemu-x86_64", "slirp4netns"),
    "xmllint",  # virt-xml-validate
    *("parted", "sgdisk"),  # %pre scripts
}


@functools.cache
def called() -> dict[str, str]:
    """Every program, with one place that calls it."""
    found = programs.everywhere(
        PROJECT / place for place in ("src", "appliance-imgcreate", "tests")
    )
    for script in sorted((PROJECT / "scripts").iterdir()):
        found |= dict.fromkeys(programs.of_shell(script.read_text()), str(script))
    for page in FOLLOWED:
        for typed in (typed for part in parts(page) for typed in part.typed()):
            found |= dict.fromkeys(programs.of_shell(typed.text) - OWN, typed.place)
    return found | dict.fromkeys(programs.of_makefile(MAKEFILE), "Makefile")


def words(name: str) -> set[str]:
    """The packages of a variable of the Makefile."""
    found = re.search(rf"^{name} := ((?:.*\\\n)*.*)", MAKEFILE, re.MULTILINE)
    assert found
    return set(found[1].replace("\\\n", " ").split())


def field(*names: str) -> set[str]:
    """The packages of fields of the Debian package, or of lines of the RPM package."""
    found = []
    for name in names:
        for line in re.findall(rf"^{name}: *(.*)$", CONTROL + SPEC, re.MULTILINE):
            found += line.split(",")
    items = [re.sub(r"\(?[<>=]+ [\d.]+\)?", "", item) for item in found]
    return {word.strip() for item in items for word in ALTERNATIVES.split(item) if word.strip()}


def of_purpose(*purposes: str) -> Iterator[Tool]:
    return (tool for tool in TOOLS.values() if tool.purpose in purposes)


def test_every_program_that_is_called_is_in_the_table() -> None:
    names = {*TOOLS, *(name for tool in TOOLS.values() for name in tool.programs)}
    unknown = [
        f"{place} calls {name}: appliance/host/tools.py does not know it"
        for name, place in called().items()
        if name not in names | NOT_PROGRAMS
    ]
    assert not unknown, "\n".join(unknown)


def test_the_table_has_nothing_that_nobody_calls() -> None:
    seen = {*called(), *UNSEEN}
    plain = [tool for tool in TOOLS.values() if not (tool.paths or tool.module[0])]
    assert not [tool.name for tool in plain if not seen & {tool.name, *tool.programs}]
    assert not UNSEEN & set(called()), "the reader sees it: it is no exception any more"
    assert not NOT_PROGRAMS - set(called()), "nobody says it any more"


def test_doctor_says_who_needs_it() -> None:
    assert {tool.purpose for tool in TOOLS.values()} == {*PURPOSES, "tests"}


EVERYTHING = (*PURPOSES, "tests")
USERS = tuple(purpose for purpose in PURPOSES if purpose != "build")
WEAK = ("Recommends", "Suggests")


@pytest.mark.parametrize(
    ("name", "listed", "purposes", "family"),
    [
        ("PACKAGES in Makefile", words("PACKAGES"), EVERYTHING, "debian"),
        ("RPM_PACKAGES in Makefile", words("RPM_PACKAGES"), EVERYTHING, "fedora"),
        ("Depends in packaging/control", field("Depends"), ("build",), "debian"),
        ("Requires in appliance-tools.spec", field("Requires"), ("build",), "fedora"),
        ("packaging/control", field("Depends", *WEAK), USERS, "debian"),
        ("appliance-tools.spec", field("Requires", *WEAK), USERS, "fedora"),
    ],
)
def test_every_list_has_the_packages(
    name: str, listed: set[str], purposes: tuple[str, ...], family: str
) -> None:
    by_pip = name.endswith("Makefile")  # which installs the modules of Python there
    lacking = [
        f"{tool.name} is in {package}, which {name} lacks"
        for tool in of_purpose(*purposes)
        for package in [getattr(tool, family)]
        if package and not (tool.module[0] and by_pip)
        if package not in listed | ALWAYS[family]
    ]
    assert not lacking, "\n".join(lacking)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cp a b && mv b c | sort; (cd x; ls)", {"cp", "mv", "sort", "ls"}),
        ('x="$(mktemp -d "$(dirname "$0")")"\nLANG=C date', {"mktemp", "dirname", "date"}),
        ("case $1 in\nweb) ls ;;\nesac # rm\ncat > x << END\nrm x\nEND\ndu x", {"ls", "cat", "du"}),
        ("if ! grep -q x y; then exec tar -x 2>&1; fi", {"grep", "tar"}),
    ],
)
def test_shell_scripts_are_read(text: str, found: set[str]) -> None:
    assert programs.of_shell(text) == found


def test_python_is_read(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text(
        "def ask(*words): return subprocess.run(words, check=True)\n"
        "def made(): return ['mkfs.one', '-q', place]\n"
        "READERS = {'a': 'reader'}\n"
        "def act(work, other):\n"
        "    words = ['first', other]\n"
        "    work.run([*words, 'x'])\n"
        "    ask('second', 'x')\n"
        "    run([READERS['a'], '-d'])\n"
        "    run(['/bin/sh', '-c', f'third {other} | fourth'])\n"
        "    shell.run('guest')\n"
        "    work.jail.run(['image', 'x'])\n"
        "    [name for name in ('fifth', 'sixth') if not which(name)]\n"
    )
    named = "mkfs.one first second reader sh third fourth fifth sixth"
    assert set(programs.of_python(file)) == set(named.split())
