"""What people type that there is not."""

import pytest

from appliance.cli import main, virt_image


@pytest.mark.parametrize(
    ("words", "says", "tries"),
    [
        (["help"], "appliance: there is no command 'help'", "appliance --help"),
        (["cache", "help"], "appliance cache: there is no command 'help'",
         "appliance cache --help"),
        (["run", "x", "a\x1b[1m"], r"appliance run: unrecognized arguments: a\x1b[1m",
         "appliance run --help"),
        (["bild"], "appliance: there is no command 'bild'", "build"),
        (["build", "x.ks", "--memory"], "appliance build: --memory: a value is missing",
         "--memory 2GiB"),
        (["build", "x.ks", "--memory", "-3GiB"], "appliance build: --memory: a value is missing",
         "--memory 2GiB"),
        (["cache", "lst"], "appliance cache: there is no action 'lst'", "list"),
        (["run", "x", "--forwrd", "1"], "appliance run: unrecognized arguments: --forwrd",
         "--forward"),
        (["diff"], "appliance diff: the following arguments are required", "appliance diff --help"),
        ([], "appliance: the following arguments are required: COMMAND", "appliance --help"),
        (["run", "x", "--qqqq=a\n\x1b[31m"], "appliance run: unrecognized arguments: "
         r"--qqqq=a\n\x1b[31m", "appliance run --help"),
    ],
)  # fmt: skip
def test_one_line_and_what_to_try(
    capsys: pytest.CaptureFixture[str], words: list[str], says: str, tries: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    lines = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert lines[0].startswith(says)
    assert lines[1:] == [f"  try: {tries}"]


def test_the_old_command_says_it_so_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        virt_image.parser().parse_args(["a.xml", "--grafics"])
    assert capsys.readouterr().err.endswith("  try: --graphics\n")
