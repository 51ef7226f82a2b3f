"""Make repositories of packages: metadata, signatures, and what a mirror says about itself."""

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .keys import Key
from .rpm_file import CLOCK, Package

# Makes packages; not before they are written, because all together are much memory.
Maker = Callable[[], list[Package]]

METALINK = """<?xml version="1.0" encoding="utf-8"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic"
    xmlns:mm0="http://fedorahosted.org/mirrormanager">
  <files>
    <file name="repomd.xml">
      <mm0:timestamp>{clock}</mm0:timestamp>
      <size>{size}</size>
      <verification><hash type="sha256">{sha256}</hash></verification>
      <resources maxconnections="1">
{urls}
      </resources>
    </file>
  </files>
</metalink>
"""
URL = '        <url protocol="http" type="http" preference="{preference}">{url}</url>'


def ready(packages: Iterable[Package]) -> list[Maker]:
    """Makers of packages that exist already."""
    return [lambda package=package: [package] for package in packages]  # type: ignore[misc]


def publish(place: Path, makers: Iterable[Maker], key: Key | None, *, groups: str = "") -> None:
    """Write packages and the metadata of a repository into the new directory *place*.

    Packages and metadata are signed with *key*, unless it is None; *groups* is a comps.xml.
    """
    pool = place / "Packages"
    pool.mkdir(parents=True)

    def work(make: Maker) -> None:
        for package in make():
            package.write(pool, key)

    with ThreadPoolExecutor(os.cpu_count()) as workers:
        list(workers.map(work, makers))
    _describe(place, key, groups=groups)


def _describe(place: Path, key: Key | None, *, groups: str) -> None:
    words = ["createrepo_c", "--quiet", "--revision", str(CLOCK), "--set-timestamp-to-revision"]
    if groups:
        (place / "comps.xml").write_text(groups)
        words += ["--groupfile", "comps.xml"]
    subprocess.run([*words, place], check=True)
    about = place / "repodata/repomd.xml"
    if key:
        signature = key.sign(about.read_bytes(), CLOCK, armor=True)
        about.with_suffix(".xml.asc").write_bytes(signature)


def spoil(place: Path) -> None:
    """Change a byte of the list of packages of the repository at *place*, so that it is not the
    one that repomd.xml speaks of."""
    path = next(place.glob("repodata/*-primary.xml.*"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def metalink(place: Path, urls: Iterable[str]) -> str:
    """What says where the repository at *place* is mirrored, and which state of it is right."""
    about = (place / "repodata/repomd.xml").read_bytes()
    lines = [
        URL.format(preference=100 - number, url=f"{url}/repodata/repomd.xml")
        for number, url in enumerate(urls)
    ]
    return METALINK.format(
        clock=CLOCK,
        size=len(about),
        sha256=hashlib.sha256(about).hexdigest(),
        urls="\n".join(lines),
    )
