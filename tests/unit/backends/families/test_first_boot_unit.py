"""When the scripts of the first boot run, as systemd reads it."""

import re

from appliance.backends.families.shell.first_boot import first_boot_script, unit
from appliance.recipe.first_boot import BootScript, FirstBoot


def lines(text: str, key: str) -> list[str]:
    return [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{key}=")]


def test_it_runs_before_everything_that_lets_people_in() -> None:
    [before] = lines(unit(FirstBoot(())), "Before")
    assert {"systemd-user-sessions.service", "getty-pre.target", "ssh.service", "sshd.service"} <= {
        *before.split()
    }
    text = first_boot_script(FirstBoot((), scripts=(BootScript("x", "#!/bin/sh\n"),)))
    assert "sshd@.service.d/first-boot.conf" in text


def test_it_runs_after_and_before_what_the_sheet_says() -> None:
    text = unit(FirstBoot((), after=("postgresql.service",), before=("shop.service",)))
    assert "postgresql.service" in lines(text, "After")[0]
    assert "postgresql.service" in lines(text, "Wants")[0]
    assert "shop.service" in lines(text, "Before")[0]
    assert lines(text, "RequiredBy") == ["shop.service"]
    assert lines(unit(FirstBoot(())), "RequiredBy") == []


def test_a_hundred_scripts_sort_as_they_stand() -> None:
    scripts = tuple(BootScript(f"{n}.sh", "#!/bin/sh\n") for n in range(1, 121))
    text = first_boot_script(FirstBoot((), scripts=scripts))
    names = re.findall(r"first-boot[^\s']*/(\d+-\d+\.sh)", text)
    assert list(dict.fromkeys(names)) == sorted(set(names))
    assert names[0] == "001-1.sh"
