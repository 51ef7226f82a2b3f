"""What the command line changes of a kickstart, in the image and in the names of files."""

import json
import subprocess

from building import Yard

SCRIPT = """\
#!/bin/sh -eu
cp /etc/hostname /root/ran
"""


def test_names_packages_and_scripts_of_the_command_line(yard: Yard) -> None:
    script = yard.place / "own.sh"
    script.write_text(SCRIPT)
    recipe = yard.recipe(more="network --hostname=old\n")

    def cat(path: str) -> str:
        image = yard.output / "shop-1.2-x86_64/shop-1.2-x86_64-sda.raw"
        words = ["debugfs", "-R", f"cat {path}", f"{image}?offset={1 << 20}"]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    yard.build(
        recipe, "-f", "raw", "--name", "shop", "--image-version", "1.2",
        "--hostname", "new.example", "--install", "hello", "--run", script,
        "--file-name", "{name}-{version}-{arch}",
    )  # fmt: skip

    assert cat("/root/ran") == "new.example\n"
    assert cat("/etc/os-release").splitlines()[-2:] == ["IMAGE_ID=shop", "IMAGE_VERSION=1.2"]
    place = yard.output / "shop-1.2-x86_64"
    said = json.loads((place / "shop-1.2-x86_64.appliance.json").read_text())
    assert (said["name"], said["version"]) == ("shop-1.2-x86_64", "1.2")
    packages = json.loads((place / "shop-1.2-x86_64.packages.json").read_text())["packages"]
    assert {"hello", "world"} <= {each["name"] for each in packages}
    script.write_text("exit 3\n")
    failed = yard.run("build", recipe, "--run", script)
    assert failed.status == 4
    assert f"{script}: %post failed" in failed.err
