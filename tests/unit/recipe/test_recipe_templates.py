"""Kickstarts that another program has to fill in are told by it, once."""

from pathlib import Path

import pytest

from appliance.recipe.reading.load import load, problems

TEMPLATES = [
    ("<%# kind: provision %>\nrootpw --iscrypted <%= root_pass %>\n", 3, "Foreman"),
    ("<%\n  x = 1\n%>\n", 3, "Foreman"),
    ("rootpw {{ password }}\n{% if x %}\n{% endif %}\n", 3, "Jinja (Ansible, MAAS)"),
    ("$SNIPPET('network_config')\n", 3, "Cobbler"),
    ("#set $host = 1\nlang C\n", 3, "Cobbler"),
    ("#if $x == 1\nlang C\n#end if\n", 3, "Cobbler"),
    ("url --url http://#TABLE:noderes:$NODE:nfsserver#/os\n", 3, "xCAT"),
    ("#INCLUDE_DEFAULT_PKGLIST#\n", 3, "xCAT"),
    ("rootpw @PASSWORD@\nlang @LANG@\n", 3, ""),
]


@pytest.mark.parametrize(("lines", "line", "program"), TEMPLATES)
def test_a_template_is_told_once_with_its_program(
    tmp_path: Path, lines: str, line: int, program: str
) -> None:
    file = tmp_path / "web.ks"
    file.write_text(f"part / --size=900\nlang C.UTF-8\n{lines}%packages\n%end\n")

    found = [error for error in problems(file)[0] if "is a placeholder" in error.problem]

    (error,) = found
    assert error.where
    assert error.where.line == line
    assert error.problem.endswith(f"is a template{f' of {program}' if program else ''}")
    assert (program or "the program that it was written for") in error.hint


@pytest.mark.parametrize(
    "lines",
    ["# set the password\n", "#if you want it\n", "# {{ not }} read\n", "#TABLE of contents\n",
     "%post\n#set $host\necho <%= x %> {{ y }} #TABLE:a:b:c#\n%end\n"],
)  # fmt: skip
def test_comments_and_scripts_are_no_templates(tmp_path: Path, lines: str) -> None:
    file = tmp_path / "web.ks"
    file.write_text(f"part / --size=900\n{lines}%packages\n%end\n")

    assert load(file).volumes
