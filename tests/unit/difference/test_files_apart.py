"""Two ext filesystems, file by file: made-up inodes and names."""

from dataclasses import dataclass, field

import pytest
from test_inodes import inode

from appliance.difference.files import FEW, compare, summary
from appliance.difference.inodes import ExtFilesystem

FILE, DIRECTORY = 0o100644, 0o040755


@dataclass
class Files(ExtFilesystem):
    """Paths with their inodes, and what is in the files."""

    inodes: dict[str, bytes]
    contents: dict[bytes, str] = field(default_factory=dict)

    def used(self) -> list[int]:
        return list(range(len(self.inodes)))

    def names(self, inodes: object) -> list[tuple[int, str]]:
        return list(enumerate(self.inodes))

    def inode(self, number: int) -> bytes:
        return list(self.inodes.values())[number]

    def content(self, inode: bytes) -> str:
        return self.contents.get(inode, "0" * 64)


def said(left: Files, right: Files) -> list[tuple[str, str, str]]:
    return [(each.what, each.left, each.right) for each in compare("p", left, right)]


def test_what_only_one_side_has() -> None:
    both = inode(mode=FILE)

    found = said(Files({"/a": both, "/b": both}), Files({"/b": both, "/c": both}))

    assert found == [("/a: only here", "there", ""), ("/c: only here", "", "there")]


def test_what_differs_in_what_both_have_but_not_where_it_lies() -> None:
    left = inode(mode=FILE, uid=0, blocks=8, generation=1)
    right = inode(mode=FILE, uid=7, blocks=16, generation=2)

    assert said(Files({"/a": left}), Files({"/a": right})) == [("/a: uid", "0", "7")]


def test_the_size_of_a_directory_follows_from_its_names() -> None:
    left, right = inode(mode=DIRECTORY, size=1024), inode(mode=DIRECTORY, size=4096)

    assert said(Files({"/d": left}), Files({"/d": right})) == []


@pytest.mark.parametrize(("mode", "told"), [(FILE, True), (DIRECTORY, False)])
def test_contents_of_files(mode: int, told: bool) -> None:
    one = inode(mode=mode)

    found = said(Files({"/a": one}, {one: "1" * 64}), Files({"/a": one}, {one: "2" * 64}))

    assert found == ([("/a: content", "1" * 16, "2" * 16)] if told else [])


def test_the_journal_and_its_like_are_no_files() -> None:
    one, two = inode(size=1), inode(size=2)

    assert said(Files({"journal": one}), Files({"journal": two})) == []


@pytest.mark.parametrize(("count", "lines"), [(0, 0), (1, 1), (FEW, FEW), (FEW + 1, 1)])
def test_many_of_one_kind_are_counted(count: int, lines: int) -> None:
    found = summary("p", "uid", [(f"/{number}", "0", "1") for number in range(count)])

    assert len(found) == lines
    if count > FEW:
        assert found[0].what == f"uid of {count} files, such as /0"
