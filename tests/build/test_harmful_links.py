"""What scripts leave where the build writes next: it writes there all the same, or says a word,
and never through a link."""

import pytest

from building import Yard

# what one script leaves, and whether the next, of the same kind, runs all the same
LEFT = {
    "a link": "rm /tmp/ks-script\nln -s HOST/file /tmp/ks-script",
    "a link to nothing": "rm /tmp/ks-script\nln -s HOST/new /tmp/ks-script",
    "a directory": "rm /tmp/ks-script\nmkdir -p /tmp/ks-script/x",
    "a pipe": "rm /tmp/ks-script\nmkfifo /tmp/ks-script",
}
NEXT = "echo the next one ran"
LOGS = {
    "a pipe": "mkfifo /tmp/s.log",
    "a link": "ln -s HOST/file /tmp/s.log",
    "a link in a circle": "ln -s s.log /tmp/s.log",
    "a directory": "mkdir -p /tmp/s.log/x",
}


@pytest.mark.parametrize("section", ["%pre", "%post", "%post --nochroot"])
def test_the_place_of_the_script_is_taken_back(section: str, somebody: Yard) -> None:
    bait = somebody.place / "bait"
    bait.mkdir()
    bait.chmod(0o777)
    (bait / "file").write_text("precious\n")
    (bait / "file").chmod(0o666)
    more = "".join(
        f"{section}\n{text}\n%end\n{section} --erroronfail\n{NEXT}\n%end\n"
        for text in LEFT.values()
    ).replace("HOST", str(bait))

    ended = somebody.build(somebody.recipe(more=more), "-f", "raw")

    assert ended.said.count("the next one ran") >= len(LEFT)
    assert (bait / "file").read_text() == "precious\n"
    assert [path.name for path in bait.iterdir()] == ["file"]


@pytest.mark.parametrize("section", ["%pre", "%post"])
@pytest.mark.parametrize("left", LOGS)
def test_the_place_of_the_log_is_taken_back_or_told(left: str, section: str, yard: Yard) -> None:
    bait = yard.place / "bait"
    bait.mkdir()
    (bait / "file").write_text("precious\n")
    text = LOGS[left].replace("HOST", str(bait))
    more = f"{section} --log=/tmp/s.log\n{text}\necho logged\n%end\n"

    ended = yard.run("build", yard.recipe(more=more), "-f", "raw", "--events=json")

    assert ended.status in (0, 4), ended.said
    assert "Traceback" not in ended.err
    assert (bait / "file").read_text() == "precious\n"
    assert ended.status == 0 or "/tmp/s.log" in ended.err
    assert yard.still_running() == []
