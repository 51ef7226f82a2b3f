"""What old programs ask of a kickstart, and the kickstart that the engine gets."""

from pathlib import Path

import pytest

import imgcreate
from imgcreate import kickstart

TEXT = """
install
lang en_US.UTF-8
repo --name=one --baseurl=http://one/ --includepkgs=a,b --excludepkgs=c --cost=5 --noverifyssl
repo --name=two --mirrorlist=http://two.example/
%include more.ks
bootloader --append="quiet splash" --timeout=7
selinux --enforcing
module --name=nodejs --stream=18
part / --size=2048 --fstype=ext3
part /home --size=100 --ondisk=sdb
%packages --excludedocs --ignoremissing --nocore --inst-langs=de:fr --exclude-weakdeps
@core
@^minimal
kernel
-vim
-@games
%end
%pre
echo before
%end
%post --interpreter=/usr/bin/python3 --erroronfail
print("after")
%end
%post --nochroot
echo beside
%end
"""


@pytest.fixture
def ks(tmp_path: Path) -> object:
    (tmp_path / "more.ks").write_text("timezone UTC --utc\n")
    (tmp_path / "web.ks").write_text(TEXT)
    return imgcreate.read_kickstart(str(tmp_path / "web.ks"))


def test_every_question_has_its_answer(ks: object) -> None:
    assert kickstart.get_repos(ks) == [
        ("one", "http://one/", None, "", ["a", "b"], ["c"], 5, False),
        ("two", "", "http://two.example/", "", [], [], None, True),
    ]
    other = kickstart.get_repos(ks, {"two": "file:///mirror"})[1]
    assert other[1:3] == ("file:///mirror", "")
    assert kickstart.get_packages(ks, ["mine"]) == ["kernel", "mine"]
    assert [group.name for group in kickstart.get_groups(ks)] == ["core"]
    assert kickstart.get_environment(ks) == "minimal"
    assert kickstart.get_excluded(ks, ["emacs"]) == ["vim", "emacs"]
    assert [group.name for group in kickstart.get_excluded_groups(ks)] == ["games"]
    assert kickstart.get_modules(ks) == [("nodejs", "18", True)]
    found = [(part.mountpoint, part.size, part.disk) for part in kickstart.get_partitions(ks)]
    assert found == [("/", 2048, ""), ("/home", 100, "sdb")]
    assert kickstart.get_image_size(ks) == 2048 * 1024 * 1024
    assert kickstart.get_image_fstype(ks) == "ext3"
    assert kickstart.get_timeout(ks) == 7
    assert kickstart.get_kernel_args(ks) == "ro rd.live.image quiet splash"
    assert kickstart.get_kernel_args(ks, "ro") == "ro quiet splash"
    assert kickstart.get_default_kernel(ks, "kernel") == "kernel"
    assert kickstart.ignore_missing(ks)
    assert kickstart.exclude_docs(ks)
    assert kickstart.exclude_weakdeps(ks)
    assert kickstart.nocore(ks)
    assert kickstart.inst_langs(ks) == "de:fr"
    assert kickstart.selinux_enabled(ks)
    assert [script.script for script in kickstart.get_pre_scripts(ks)] == ["echo before\n"]
    posts = [(s.interp, s.inChroot, s.errorOnFail) for s in kickstart.get_post_scripts(ks)]
    assert posts == [("/usr/bin/python3", True, True), ("/bin/sh", False, False)]


def test_nothing_said_has_defaults(tmp_path: Path) -> None:
    (tmp_path / "a.ks").write_text("%packages\n%end\n")
    ks = imgcreate.read_kickstart(tmp_path / "a.ks")

    assert kickstart.get_image_size(ks, 5) == 5
    assert kickstart.get_image_fstype(ks, "ext4") == "ext4"
    assert kickstart.get_timeout(ks, 10) == 10
    assert kickstart.get_environment(ks) is None
    assert kickstart.inst_langs(ks) is None
    assert not kickstart.exclude_weakdeps(ks)
    kickstart.convert_method_to_repo(ks)
    for make in (imgcreate.ImageCreator,):
        with pytest.raises(imgcreate.CreatorError, match="No packages or groups specified"):
            make(ks, "a")
    (tmp_path / "b.ks").write_text("%packages\na\n%end\n")
    with pytest.raises(imgcreate.CreatorError, match="No repositories specified"):
        imgcreate.ImageCreator(imgcreate.read_kickstart(tmp_path / "b.ks"), "b")


def test_the_engine_gets_what_the_program_made_of_it(ks: object) -> None:
    text = kickstart.text_for_engine(
        ks,
        required=["mine", "@web"],
        excluded=["emacs"],
        repo_urls={"two": "file:///m"},
        disks=True,
    )

    lines = text.splitlines()
    assert {"mine", "@web", "-emacs", "kernel", "-vim"} <= set(lines)
    assert 'repo --name="two" --baseurl=file:///m' in " ".join(text.split("  "))
    assert "%post" not in text
    assert "%pre\n" not in text
    assert kickstart.get_packages(ks) == ["kernel"]


def test_a_tree_alone_needs_no_disks(ks: object) -> None:
    text = kickstart.text_for_engine(ks, required=[], excluded=[], repo_urls={}, disks=False)

    parts = [line for line in text.splitlines() if line.startswith(("part", "bootloader"))]
    assert parts[-2:] == ["part / --fstype=ext4 --size=8192", "bootloader --disabled"]
    assert not [line for line in parts if "/home" in line]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "Failed to read kickstart file"),
        ("partitoin / --size=1\n", "Unknown command: partitoin"),
        ("%include nothing.ks\n", "there is no file to include"),
        ("part\n", "Failed to parse"),
    ],
)
def test_what_cannot_be_read_is_an_error_of_this_package(
    tmp_path: Path, text: str | None, said: str
) -> None:
    if text is not None:
        (tmp_path / "a.ks").write_text(text)

    with pytest.raises(imgcreate.KickstartError, match=said):
        imgcreate.read_kickstart(str(tmp_path / "a.ks"))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("/a/web.ks", None, "1"), "web-1"),
        (("web.server.ks", "live-", "1"), "live-web.server-1"),
        (("live-web.ks", "live-", "1"), "live-web-1"),
        (("web", None, "1"), "web-1"),
        (("webserver.ks", "live-", "20081231", 16), "webserv-20081231"),
    ],
)
def test_names_are_built_as_ever(words: tuple[str, ...], name: str) -> None:
    assert imgcreate.build_name(*words) == name  # type: ignore[arg-type]


def test_a_name_without_suffix_has_the_time() -> None:
    assert imgcreate.build_name("web.ks").removeprefix("web-").isdigit()
