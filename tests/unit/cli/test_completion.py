"""`appliance completion`: the shell itself completes with it."""

import subprocess
from pathlib import Path

import pytest

from appliance.cli import main


def completed(script: str, *words: str) -> set[str]:
    """What bash offers for the last of *words*."""
    quoted = " ".join(words)
    ask = f"""
{script}
spec=$(complete -p {words[0]}) || exit
if [[ $spec == *' -F '* ]]
then
  COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _appliance
  printf '%s\\n' "${{COMPREPLY[@]}}"
else compgen -W "$(sed "s/.*-W '//; s/'.*//" <<< "$spec")" -- {words[-1]}; true
fi
"""
    return set(subprocess.check_output(["bash", "-c", ask], text=True).split())


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["appliance", "bui"], {"build"}),
        (["appliance", "build", "--work"], {"--workbench"}),
        (["appliance", "build", "--format", "vmdk-"], {"vmdk-stream"}),
        (
            ["appliance", "convert", "-f", "qcow2,vdi,vm"],
            {"qcow2,vdi,vmdk", "qcow2,vdi,vmdk-stream"},
        ),
        (["appliance", "convert", "-f", "oc"], set()),
        (["appliance", "build", "--for", "a"], {"aws", "azure"}),
        (["appliance", "test", "--firmware", "b"], {"bios", "both"}),
        (["appliance-creator", "--no"], {"--no-compress"}),
        (["appliance-creator", "--appl"], set()),
    ],
)
def test_bash(capsys: pytest.CaptureFixture[str], words: list[str], offered: set[str]) -> None:
    assert main(["completion", "bash"]) == 0
    assert completed(capsys.readouterr().out, *words) == offered


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["build", "--keyring", "a"], {"a-directory", "a-file"}),
        (["build", "--output", "a"], {"a-directory"}),
        (["build", "--tools", "a"], {"auto", "a-directory"}),
        (["build", "--cpus", "''"], set()),
        (["run", "--hostname", "a"], set()),
        (["run", "a"], {"a-directory", "a-file"}),
    ],
)
def test_what_may_stand_behind_an_option(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    offered: set[str],
) -> None:
    (tmp_path / "a-directory").mkdir()
    (tmp_path / "a-file").touch()
    monkeypatch.chdir(tmp_path)
    assert main(["completion", "bash"]) == 0
    assert completed(capsys.readouterr().out, "appliance", *words) == offered
