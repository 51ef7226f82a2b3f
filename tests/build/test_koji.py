"""Koji calls appliance-creator and takes what it leaves: builder/kojid, ApplianceTask."""

import json
import os
import shutil
import subprocess
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from lxml import etree
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion

from appliance.recipe.reading.load import problems
from building import Yard
from mirror import Mirror

# The archive types that a Koji hub knows (schemas/schema.sql), as far as images can be any.
ACCEPTED = tuple(
    f".{suffix}{packed}"
    for suffix, packings in {
        "raw": ("", ".xz", ".gz"),
        "qcow2": ("", ".xz", ".gz"),
        "vmdk": ("", ".xz", ".gz"),
        "tar": ("", ".gz", ".bz2", ".xz"),
        **dict.fromkeys(("xml", "json", "yaml", "txt", "ks", "cfg", "manifest", "zip"), ("",)),
        **dict.fromkeys(("qcow", "vdi", "vhd", "vhdx", "ova", "img", "iso"), ("",)),
    }.items()
    for packed in packings
)
CREATOR = "import sys; from appliance.cli.creator import main; sys.exit(main())"


@dataclass(frozen=True)
class Source:
    """A kickstart as somebody commits it, with one *package* in it; the repository that Koji puts
    in the place of its own; how a package file is asked for its name, version (without epoch) and
    architecture."""

    text: str
    package: str
    repository: str
    version: str
    words: tuple[str, ...]
    suffix: str
    query: tuple[str, ...]


KICKSTART = """\
# Comments do not survive, nor does the order of commands.
lang C.UTF-8
rootpw --lock   # locked
repo --name=somewhere --baseurl=http://127.0.0.1:9/dists/stable
part /srv --fstype=ext4 --size=32
part / --fstype=ext4 --size=48
part / --fstype=ext4 --size=96
bootloader --disabled
%packages --nocore
{}
%end
%post
echo 'made by Koji' > /etc/motd
%end
%addon com_redhat_kdump --disable --reserve-mb=auto
%end
"""


@pytest.fixture(params=["rpm", "deb"])
def source(request: pytest.FixtureRequest) -> Source:
    made: Source = request.getfixturevalue(f"{request.param}_source")
    return made


@pytest.fixture
def rpm_source(rpm_mirror: Mirror) -> Source:
    """Koji's own case: its repositories' keys are nowhere to be found."""
    return Source(
        text=KICKSTART.format("@core\nfindutils\ngreeting"),
        package="greeting",
        repository=f"{rpm_mirror.url}/base",
        version="13",
        words=(),
        suffix=".rpm",
        query=("rpm", "-qp", "--nosignature", "--qf", "%{NAME} %{VERSION}-%{RELEASE} %{ARCH}"),
    )


@pytest.fixture
def deb_source(yard: Yard) -> Source:
    return Source(
        text=KICKSTART.format("hello"),
        package="hello",
        repository=f"{yard.mirror.url}/tiny/dists/stable",
        version="13",
        words=("--keyring", str(yard.keyring)),
        suffix=".deb",
        query=("dpkg-deb", "--show", "--showformat=${Package} ${Version} ${Architecture}"),
    )


def as_koji_writes_it(text: str, repository: str) -> str:
    """Read a kickstart, put Koji's repository in the place of its own, write it anew."""
    handler = makeVersion()
    parser = KickstartParser(handler)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser.readKickstartFromString(text)
    handler.repo.repoList = []
    data = handler.RepoData(baseurl=repository, name="koji-override-0", ignoregroups=False)
    handler.repo.repoList.append(data)
    return str(handler)


def run_as_koji(
    yard: Yard, source: Source, options: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """The command line, word for word; below the chroot's TMP all is fresh."""
    place = yard.place
    kickstart = place / "koji-image-f44-build-123456.ks"
    kickstart.write_text(as_koji_writes_it(source.text, source.repository))
    (place / "app-output").mkdir()
    words = ["-c", str(kickstart), "-d", "-v", "--logfile", str(place / "appliance.log")]
    words += ["--cache", str(place / "koji-appliance"), "-o", "app-output"]
    for name, value in options.items():
        words += [f"--{name}", value]
    words += ["--name", f"web-{source.version}-20260101.0"]
    words += ["--version", source.version, "--release", "20260101.0"]
    environment = yard.env() | {"XDG_CACHE_HOME": str(yard.store.parent / "koji-cache")}
    argv = [yard.person.python, "-c", CREATOR, *words, *source.words]
    return subprocess.run(
        argv, cwd=place, env=environment, text=True, capture_output=True, check=False
    )


@pytest.mark.parametrize(
    ("options", "suffix"),
    [({"format": "raw", "vmem": "768", "vcpu": "2"}, "raw.xz"), ({"format": "qcow2"}, "qcow2")],
)
def test_what_koji_takes(yard: Yard, source: Source, options: dict[str, str], suffix: str) -> None:
    ended = run_as_koji(yard, source, options)
    assert ended.returncode == 0, ended.stderr

    found = [
        Path(folder) / name
        for folder, _, names in os.walk(yard.place / "app-output")
        for name in names
    ]
    name = f"web-{source.version}-20260101.0"
    assert {path.parent for path in found} == {yard.place / "app-output" / name}
    assert f"{name}-sda.{suffix}" in {path.name for path in found}
    assert [each for each, count in Counter(path.name for path in found).items() if count > 1] == []
    unknown = [path.name for path in found if not path.name.endswith(ACCEPTED)]
    assert unknown == []
    assert not [path.name for path in found if path.suffix in (".log", ".part")]

    manifest = json.loads((yard.place / "app-output" / name / f"{name}.packages.json").read_text())
    assert (manifest["version"], manifest["release"]) == (source.version, "20260101.0")
    listed = {
        f"{each['name']} {each['version'].rpartition(':')[2]} {each['architecture']}"
        for each in manifest["packages"]
    }
    assert listed == packages_that_koji_reads(yard.place / "koji-appliance", source)
    assert "== layer:post-1" in (yard.place / "appliance.log").read_text()
    check_description(yard.place / "app-output" / name / f"{name}.xml", options, suffix)


def packages_that_koji_reads(cache: Path, source: Source) -> set[str]:
    """What the headers of all package files below *cache* say, links left out."""
    files = [
        Path(folder) / name
        for folder, _, names in os.walk(cache)
        for name in names
        if name.endswith(source.suffix)
    ]
    assert not [path for path in files if path.is_symlink()]
    read = [
        subprocess.run([*source.query, path], check=True, capture_output=True, text=True).stdout
        for path in files
    ]
    assert len(set(read)) == len(read)
    return {text.strip() for text in read}


def check_description(path: Path, options: Mapping[str, str], suffix: str) -> None:
    """The XML names the file that is there, and the machine that was asked for."""
    image = etree.parse(str(path)).getroot()
    disks = [disk.get("file") for disk in image.iterfind("storage/disk")]
    assert disks == [drive.get("disk") for drive in image.iterfind("domain/boot/drive")]
    assert disks == [f"{path.stem}-sda.{suffix}"]
    assert (path.parent / disks[0]).is_file()
    assert image.findtext("domain/devices/vcpu") == options.get("vcpu", "1")
    memory = int(options.get("vmem", "512")) * 1024
    assert image.findtext("domain/devices/memory") == str(memory)


def test_a_build_that_fails_says_so_in_the_log(yard: Yard, source: Source) -> None:
    text = source.text.replace(f"{source.package}\n", "no-such-package\n")
    broken = replace(source, text=text)
    ended = run_as_koji(yard, broken, {})
    assert ended.returncode == 2
    assert "no-such-package" in (yard.place / "appliance.log").read_text()
    assert list((yard.place / "app-output").iterdir()) == []


def test_packages_that_nobody_can_check(yard: Yard, rpm_source: Source) -> None:
    """Koji signs none of its repositories: that is said once for each, by name, and written down;
    whoever says --gpg-check does not want it."""
    ended = run_as_koji(yard, rpm_source, {"format": "qcow2"})
    assert ended.returncode == 0, ended.stderr
    notes = [line for line in ended.stderr.splitlines() if "nobody check" in line]
    assert len(notes) == 1
    assert "koji-override-0" in notes[0]
    name = f"web-{rpm_source.version}-20260101.0"
    manifest = json.loads((yard.place / "app-output" / name / f"{name}.packages.json").read_text())
    assert [note for note in manifest["notes"] if "koji-override-0" in note]

    shutil.rmtree(yard.place / "app-output")
    strict = replace(rpm_source, words=("--gpg-check",))
    ended = run_as_koji(yard, strict, {"format": "qcow2"})
    assert ended.returncode == 7
    assert "koji-override-0" in ended.stderr
    assert list((yard.place / "app-output").iterdir()) == []


def test_a_root_that_no_line_makes_is_refused_before_a_build(place: Path) -> None:
    """Koji fails after a good build when no `part` line makes /; we build other roots as well."""
    (place / "x.ks").write_text("part /srv --size=99\n")
    found, recipe = problems(place / "x.ks")
    assert recipe is None
    assert found
    for text in (
        "autopart",
        "reqpart\nvolgroup x pv.1\npart pv.1 --size=99\nlogvol / --vgname=x --name=r --size=90",
    ):
        (place / "x.ks").write_text(text + "\n")
        assert problems(place / "x.ks")[1] is not None, text
