"""`appliance completion`: each shell itself completes with it."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

from appliance.backends import bundle_formats, disk_formats, families, launchers
from appliance.bundle import purposes
from appliance.cli import COMMANDS, creator, main, parser, virt_image
from appliance.cli.completing.offers import offered
from waiting import MOMENT

ZSH = pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
FISH = pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")

PROGRAMS = [
    offered(each) for each in (parser(everything=True), creator.parser(), virt_image.parser())
]
# What is typed, the last word unfinished, and all that can come of this word in every shell.
CASES: tuple[tuple[list[str], set[str]], ...] = (
    (["appliance", "bui"], {"build"}),
    (["appliance", "cache", "pr"], {"prune"}),
    (["appliance", "cache", "prune", "--ke"], {"--keep"}),
    (["appliance", "completion", "zs"], {"zsh"}),
    (["appliance", "build", "--work"], {"--workbench"}),
    (["appliance", "build", "--format", "vmdk-"], {"vmdk-stream"}),
    (["appliance", "build", "a-file", "--launcher", "libv"], {"libvirt"}),
    (["appliance", "build", "--repo", "fedora-4"],
     {"fedora-42", "fedora-43", "fedora-44", "fedora-45"}),
    (["appliance", "build", "--repo", "a-f"], {"a-file"}),
    (["appliance", "build", "--releasever", "trix"], {"trixie"}),
    (["appliance", "check", "--strict", "RHEL9"], {"RHEL9"}),
    (["appliance", "build", "--for", "a"], {"aws", "azure"}),
    (["appliance", "test", "--firmware", "b"], {"bios", "both"}),
    (["appliance", "build", "--keyring", "a-"], {"a-directory", "a-file"}),
    (["appliance", "build", "--output", "a-"], {"a-directory"}),
    (["appliance", "build", "--tools", "a"], {"auto", "a-directory"}),
    (["appliance", "run", "--hostname", "a-"], set()),
    (["appliance", "run", "a-"], {"a-directory", "a-file"}),
    (["appliance", "check", "a-file", "a-"], {"a-directory", "a-file"}),
    (["appliance-creator", "--no-c"], {"--no-compress"}),
    (["appliance-creator", "--appl"], set()),
    (["appliance-creator", "--package", "tar.z"], {"tar.zst"}),
    (["virt-image", "--graphics", "sp"], {"spice"}),
    (["virt-image", "--disks", "a-"], {"a-directory"}),
)  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a file and a directory to complete."""
    (tmp_path / "a-directory").mkdir()
    (tmp_path / "a-file").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What `appliance completion` prints for a shell."""
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


def in_bash(script: str, *words: str) -> set[str]:
    """What bash offers for the last of *words*."""
    ask = f"""
{script}
[[ $(complete -p {words[0]}) == *' -F _appliance '* ]] || exit
COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; _appliance
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    return set(subprocess.check_output(["bash", "-c", ask], text=True).splitlines()) - {""}


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        *CASES,
        (["appliance", "convert", "-f", "qcow2,vdi,vm"],
         {"qcow2,vdi,vmdk", "qcow2,vdi,vmdk-stream"}),
        (["appliance", "convert", "-f", "oc"], set()),
        (["appliance", "build", "--cpus", ""], set()),
        (["appliance", "build", "--for", "=", "a"], {"aws", "azure"}),
        (["appliance", "build", "--workbench", "="], {"auto", "memory", "disk"}),
        (["/usr/bin/appliance", "build", "--workb"], {"--workbench"}),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("here")
def test_bash(capsys: pytest.CaptureFixture[str], words: list[str], offered: set[str]) -> None:
    said = script("bash", capsys)
    if words[0].startswith("/"):
        said = said.replace("complete -F _appliance", f"complete -F _appliance {words[0]}")
    assert in_bash(said, *words) == offered


@FISH
def test_fish(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    said = script("fish", capsys)
    lines = [shlex.join(words) for words, _ in CASES]
    lines += ["appliance convert -f qcow2,vdi,vm"]
    ask = "\n".join(f"echo '>'; complete -C {shlex.quote(line)}" for line in lines)
    answers = subprocess.check_output(
        ["fish", "--no-config", "-c", f"{said}\n{ask}"], text=True, cwd=here
    ).split(">\n")[1:]
    found = [
        {line.partition("\t")[0].rstrip("/") for line in answer.splitlines()} for answer in answers
    ]
    assert found.pop() == {"qcow2,vdi,vmdk", "qcow2,vdi,vmdk-stream"}
    for (words, expected), each in zip(CASES, found, strict=True):
        assert each == expected, words


SPY = """\
unsetopt zle_bracketed_paste prompt_cr prompt_sp
PS1=
fpath=(functions $fpath)
autoload -Uz compinit
compinit -u -D
compadd() {
  local -a hits
  [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]] || builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- "$hits[@]" >> found
  builtin compadd "$@"
}
"""


def in_zsh(shell: "pexpect.spawn[str]", words: list[str]) -> set[str]:
    """What zsh offers for the last of *words*: all that matches, as it tells its own compadd."""
    found = Path("found")
    found.write_text("")
    shell.send(f"{shlex.join(words)}\t\x15print -r -- done=$((1 + 1))\n")
    shell.expect_exact("done=2\r\n")
    return {line.rstrip("/=") for line in found.read_text().splitlines()}


@ZSH
@pytest.mark.usefixtures("here")
def test_zsh(capsys: pytest.CaptureFixture[str]) -> None:
    Path("functions").mkdir()
    Path("functions/_appliance").write_text(script("zsh", capsys))
    Path("spy").write_text(SPY)
    shell = pexpect.spawn(
        "zsh", ["-f", "-i"], encoding="utf-8", timeout=MOMENT, dimensions=(50, 200),
        env={"PATH": "/usr/bin:/bin", "TERM": "dumb", "HOME": str(Path.cwd()), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    shell.sendline(". ./spy; print -r -- done=$((1 + 1))")
    shell.expect_exact("done=2\r\n")
    for words, expected in CASES:
        assert in_zsh(shell, words) == expected, words
    assert in_zsh(shell, ["appliance", "convert", "-f", "qcow2,vdi,vm"]) == {"vmdk", "vmdk-stream"}
    shell.close(force=True)


OPTIONS = [
    (command, option)
    for program in PROGRAMS
    for command in program.everything()
    for option in command.options
]


def test_everything_that_has_a_name_is_offered() -> None:
    paths = {each.path for program in PROGRAMS for each in program.everything()}
    assert {path[1] for path in paths if len(path) == 2} == set(COMMANDS)
    words: dict[str, set[str]] = {}
    for _, option in OPTIONS:
        for name in option.names:
            words.setdefault(name, set()).update(option.value.words if option.value else ())
    assert set(disk_formats.KNOWN) <= words["--format"]
    assert set(launchers.KNOWN) == words["--launcher"]
    assert set(bundle_formats.KNOWN) <= words["--bundle"]
    assert set(purposes.KNOWN) == words["--for"]
    assert set(families.known_names()) == words["--repo"]
    assert {"bios", "uefi", "both"} == words["--firmware"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_option_is_told_to_every_shell(
    capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    said = script(shell, capsys)
    for _, option in OPTIONS:
        for name in option.names:
            word = (
                name if shell != "fish" else f"-{'l' if name[1] == '-' else 's'} {name.lstrip('-')}"
            )
            assert re.search(rf"(?<![\w-]){word}(?![\w-])", said), name
