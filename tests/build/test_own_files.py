"""The author's own files: copied into the image, or shown to scripts beside it."""

import os
import stat
import subprocess
from pathlib import Path
from pwd import getpwnam

from building import Yard

CLOCK = 1714564800  # of the tiny distribution


def ask(yard: Yard, words: str) -> str:
    """What debugfs says of the image."""
    argv = ["debugfs", "-R", words, f"{yard.image()}?offset={1 << 20}"]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    return done.stdout + done.stderr.replace("debugfs", "", 1)


def cat(yard: Yard, path: str) -> str:
    return ask(yard, f"cat {path}").partition(" 1.4")[0]  # debugfs says its version on stderr


def bring(yard: Yard) -> Path:
    """Write a small application, with all kinds of files, to the directory shop of *yard*."""
    shop = yard.place / "shop"
    (shop / "deep/er").mkdir(parents=True)
    (shop / "bin").mkdir()
    (shop / "shop.py").write_text("print('shop')\n")
    (shop / "deep/er/data").write_text("data\n")
    (shop / "secret").write_text("s\n")
    (shop / "secret").chmod(0o600)
    (shop / "run").write_text("#!/bin/sh\n")
    (shop / "bin/tool").write_text("tool\n")
    (shop / "link").symlink_to("./deep//er/data")
    (shop / "away").symlink_to("/etc/passwd")
    os.link(shop / "shop.py", shop / "twin.py")
    os.mkfifo(shop / "pipe")
    with (shop / "holes").open("wb") as file:
        file.truncate(30 << 20)
        file.seek(10 << 20)
        file.write(b"middle")
    (shop / "deep").chmod(0o750)
    for path in (shop, *shop.rglob("*")):
        os.utime(path, (1, 1), follow_symlinks=False)
        if not yard.person.is_root:
            os.chown(path, getpwnam(yard.person.name).pw_uid, 100, follow_symlinks=False)
    (shop / "run").chmod(0o4755)
    return shop


POST = """\
%post --erroronfail
set -eu
test "$(cat /opt/shop/shop.py)" = "print('shop')"
echo from post >> /opt/shop/deep/er/data
%end
"""


def test_files_are_in_the_image_as_they_are_before_post_runs(somebody: Yard) -> None:
    shop = bring(somebody)
    (somebody.place / "usr/bin").mkdir(parents=True)
    (somebody.place / "one.conf").write_text("one\n")
    (somebody.place / "two.conf").write_text("two\n")
    recipe = somebody.recipe(more=POST)
    words = (
        "--copy", f"{shop}:/opt/shop", "--copy", f"{shop}/bin:/bin",
        "--copy", "*.conf:/etc/shop:0640:nobody:shadow", "--copy", "one.conf:/srv/x/:600:100:100",
        "--copy", "one.conf:/etc/resolv.conf",
    )  # fmt: skip
    somebody.build(recipe, "-f", "raw", *words)

    assert cat(somebody, "/opt/shop/deep/er/data") == "data\nfrom post\n"
    assert "Mode:  0600" in ask(somebody, "stat /opt/shop/secret")
    assert "Mode:  04755" in ask(somebody, "stat /opt/shop/run")
    assert "Mode:  0750" in ask(somebody, "stat /opt/shop/deep")
    assert "User:     0   Group:     0" in ask(somebody, "stat /opt/shop/secret")
    assert 'Fast link dest: "./deep//er/data"' in ask(somebody, "stat /opt/shop/link")
    assert 'Fast link dest: "/etc/passwd"' in ask(somebody, "stat /opt/shop/away")
    assert "Type: FIFO" in ask(somebody, "stat /opt/shop/pipe")
    assert "Links: 2" in ask(somebody, "stat /opt/shop/twin.py")
    holes = ask(somebody, "stat /opt/shop/holes")
    assert f"Size: {30 << 20}" in holes
    assert int(holes.split("Blockcount: ")[1].split()[0]) * 512 < 1 << 20
    assert f"mtime: 0x{CLOCK:08x}" in ask(somebody, "stat /opt/shop/secret")
    assert f"mtime: 0x{CLOCK:08x}" in ask(somebody, "stat /opt/shop")
    assert 'Fast link dest: "usr/bin"' in ask(somebody, "stat /bin")
    assert cat(somebody, "/usr/bin/tool") == "tool\n"
    assert "User: 65534   Group:    42" in ask(somebody, "stat /etc/shop/two.conf")
    assert "Mode:  0640" in ask(somebody, "stat /etc/shop/one.conf")
    assert "Mode:  0600" in ask(somebody, "stat /srv/x/one.conf")
    assert cat(somebody, "/etc/resolv.conf") == "one\n"


def test_a_changed_file_runs_only_what_comes_after_it(yard: Yard) -> None:
    bring(yard)
    (yard.place / "tiny.toml").write_text('[files]\ncopy = ["shop:/opt/shop"]\n')
    recipe = yard.recipe(more=POST)
    yard.build(recipe, "-f", "raw")
    first = yard.image().read_bytes()
    os.utime(yard.place / "shop/shop.py", (5, 5))  # a time says nothing
    same = yard.build(recipe, "-f", "raw")
    (yard.place / "shop/secret").write_text("t\n")
    other = yard.build(recipe, "-f", "raw")
    second = yard.image().read_bytes()
    (yard.place / "shop/secret").write_text("s\n")
    yard.store.joinpath("results").rename(yard.store / "gone")
    yard.build(recipe, "-f", "raw")

    assert same.gives("StepFinished") == []
    assert [name for name in other.gives("StepFinished") if name.startswith("layer")] == [
        "layer:files", "layer:post-1", "layer:finish",
    ]  # fmt: skip
    assert second != first == yard.image().read_bytes()


LEADS_OUT = """\
%pre-install
mkdir -p $INSTALL_ROOT/srv
ln -s /../../../../../../../../PLACE $INSTALL_ROOT/srv/out
ln -s ../../../../../../../../../../../../opt/inner $INSTALL_ROOT/srv/up
ln -s /srv/out/below $INSTALL_ROOT/srv/file
%end
"""


def test_links_in_the_image_lead_nowhere_but_into_it(yard: Yard) -> None:
    target = yard.place / "target"
    target.mkdir()
    (yard.place / "mine").write_text("mine\n")
    recipe = yard.recipe(more=LEADS_OUT.replace("/PLACE", str(target)))
    places = ("/srv/out/", "/srv/up/", "/srv/file")
    yard.build(recipe, "-f", "raw", *(f"--copy=mine:{place}" for place in places))

    assert list(target.iterdir()) == []
    assert cat(yard, "/opt/inner/mine") == "mine\n"
    assert cat(yard, "/srv/file") == "mine\n"


def test_an_owner_that_the_image_lacks_is_one_error(yard: Yard) -> None:
    (yard.place / "mine").write_text("mine\n")
    done = yard.build(yard.recipe(), "-f", "raw", "--copy", "mine:/x:644:shop", status=4)

    assert done.err.splitlines() == [
        "appliance: files for /x: the image has no user 'shop'",
        "  try: a user of a package or of the kickstart; %post has not made its own yet",
    ]


def test_an_owner_beyond_a_users_ids_is_refused(users_yard: Yard) -> None:
    (users_yard.place / "mine").write_text("mine\n")
    words = ("--copy", "mine:/x:644:99999:99999")
    done = users_yard.build(users_yard.recipe(), "-f", "raw", *words, status=4)

    assert "a plain user's build has 65536 ids, and its owner is none of them" in done.err


CHANGES = """\
%pre
true
%end
"""


def test_files_that_change_while_it_is_built_are_refused(yard: Yard) -> None:
    mine = yard.place / "mine"
    mine.write_text("mine\n")
    recipe = yard.recipe("slowish", more=CHANGES)
    process = yard.begin(recipe, "-f", "raw", "--copy", "mine:/x")
    said = ""
    for line in process.stdout or ():
        said += line
        if '"StepStarted"' in line and '"layer:packages"' in line:
            mine.write_text("other\n")
    done = yard.end(process, said)

    assert done.status == 2
    assert f"files for /x: {mine} changed while the build ran" in done.err
    assert yard.leftovers() == []
    mine.unlink()
    gone = yard.build(recipe, "-f", "raw", "--copy", "mine:/x", status=2)
    assert "--copy mine: there is no mine" in gone.err


SEES = """\
%pre --erroronfail
set -eu
test "$(cat hello.txt)" = hello
cp hello.txt /tmp/kept
%end
%post --nochroot --erroronfail
set -eu
test "$(pwd)" = /mnt/files
test "$(cat /tmp/kept)" = hello
cp -a hello.txt deep $INSTALL_ROOT/root/
cp files/hello.txt $INSTALL_ROOT/root/again.txt
cp -a . $INSTALL_ROOT/root/all
cp more/extra.txt $INSTALL_ROOT/root/
if echo x > hello.txt; then exit 7; fi
test ! -e ../tiny.ks
test ! -e HOST
test "$(stat -c %u:%g:%Y hello.txt)" = 0:0:CLOCK
%end
%post --erroronfail
test "$(pwd)" = /
test ! -e /mnt/files
%end
"""


def test_scripts_beside_the_image_see_what_is_named_and_no_more(somebody: Yard) -> None:
    for name in ("files/deep", "more", "hidden"):
        (somebody.place / name).mkdir(parents=True)
    (somebody.place / "files/hello.txt").write_text("hello\n")
    (somebody.place / "files/deep/file").write_text("deep\n")
    (somebody.place / "more/extra.txt").write_text("extra\n")
    text = SEES.replace("HOST", str(somebody.place)).replace("CLOCK", str(CLOCK))
    recipe = somebody.recipe(more=text)
    done = somebody.build(recipe, "-f", "raw", "--files", "more")

    assert cat(somebody, "/root/hello.txt") == "hello\n"
    assert cat(somebody, "/root/all/deep/file") == "deep\n"
    assert cat(somebody, "/root/extra.txt") == "extra\n"
    assert f"mtime: 0x{CLOCK:08x}" in ask(somebody, "stat /root/hello.txt")
    assert not [event for event in done.events if event["event"] == "Warned"]
    assert stat.S_IMODE((somebody.place / "files").stat().st_mode) & 0o111

    (somebody.place / "files/deep/file").write_text("changed\n")
    again = somebody.build(recipe, "-f", "raw", "--files", "more")
    assert "layer:post-1" in again.gives("StepFinished")
    assert "layer:packages" not in again.gives("StepFinished")
    assert cat(somebody, "/root/all/deep/file") == "changed\n"


MISSES = """\
%post --nochroot
cp shop/shop.py $INSTALL_ROOT/root/
%end
"""


def test_a_script_that_looks_for_something_else_is_told_how(yard: Yard) -> None:
    bring(yard)
    recipe = yard.recipe(more=MISSES)
    done = yard.run("build", recipe, "-f", "raw")

    assert done.status == 0
    assert (
        f"{recipe}:8: 'shop/shop.py' is on this machine, where %post --nochroot does not see it"
        in done.err
    )
    assert "cannot stat 'shop/shop.py': No such file or directory" in done.err
    assert "try: --files DIR" in done.err
    assert done.err.splitlines()[-1] == "1 warning: to be read before others get the appliance"

    mended = yard.run("build", recipe, "-f", "raw", "--files", "shop")
    assert "warning" not in mended.err
    assert cat(yard, "/root/shop.py") == "print('shop')\n"
