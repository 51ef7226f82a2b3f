"""Make the release package of a brand: rpmbuild in a directory that goes away, the same bytes each
time, signed on request."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from appliance.backends.brands.release_rpm import ReleasePackage
from appliance.errors import RequestError
from appliance.host import command
from appliance.store.drafting import drafting

CLOCK = 1735689600  # 2025-01-01: when it is made, where $SOURCE_DATE_EPOCH does not say it
GPG = "/usr/bin/gpg"  # Debian's rpm calls it gpg2, which Debian no longer has
# Nothing of this machine: neither its name nor its ways to pack, strip or number.
MACROS = {
    "_buildhost": "localhost",
    "_binary_payload": "w9.gzdio",
    "_binary_filedigest_algorithm": "8",
    "_source_filedigest_algorithm": "8",
    "use_source_date_epoch_as_buildtime": "1",
    "source_date_epoch_from_changelog": "0",
    "clamp_mtime_to_source_date_epoch": "1",
    "build_mtime_policy": "clamp_to_source_date_epoch",
    "debug_package": "%{nil}",
    "__os_install_post": "%{nil}",
    "_build_id_links": "none",
    "optflags": "-O2",
    "distribution": "%{nil}",
    "disttag": "%{nil}",
    "packager": "%{nil}",
    "bugurl": "%{nil}",
}


def make_release_rpm(package: ReleasePackage, output: Path, *, clock: int, gpg_key: str) -> Path:
    """Make *package* in the directory *output*, and return its file. *clock* is when it was made,
    in seconds since 1970; 0: at a moment that is always the same. *gpg_key* names a key of the
    user's GnuPG that signs it; empty: none does.

    Raises RequestError if the file is there already, HostError if this machine lacks rpmbuild,
    CommandError if it or rpmsign refuses.
    """
    target = output / package.file_name
    if os.path.lexists(target):
        raise RequestError(f"{target} is there already", hint="another -o DIR, or remove it")
    # rpmbuild's own scripts split the names of its directories at blanks, so it works elsewhere
    with drafting(output, package.name) as draft, TemporaryDirectory(prefix="appliance.") as place:
        made = _built(package, Path(place), clock or CLOCK)
        if gpg_key:
            _sign(made, gpg_key)
        shutil.copyfile(made, draft / made.name)
        (draft / made.name).rename(target)
    return target


def _built(package: ReleasePackage, place: Path, moment: int) -> Path:
    """Let rpmbuild make *package* in the empty directory *place*."""
    _stage(package, place / "tree", moment)
    spec = place / f"{package.name}.spec"
    spec.write_text(package.spec())
    environment = {"HOME": str(place), "SOURCE_DATE_EPOCH": str(moment)}
    target = ("--target", "noarch-redhat-linux")
    words = ["rpmbuild", "-bb", *target, *_defined(place), str(spec)]
    command.run(words, env=environment, directory=place)
    return place / "made" / package.file_name


def _defined(draft: Path) -> list[str]:
    places = {
        "_topdir": draft,
        "_sourcedir": draft,
        "_rpmdir": draft / "made",
        "_tmppath": draft / "tmp",
        "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    }
    values: Mapping[str, object] = {**MACROS, **places}
    return [word for name, value in values.items() for word in ("--define", f"{name} {value}")]


def _stage(package: ReleasePackage, tree: Path, moment: int) -> None:
    """Write the files and links of *package* below *tree*, all of the same *moment*."""
    for path, content in package.files().items():
        place = tree / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        place.chmod(0o644)
    for path, leads in package.links().items():
        place = tree / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(leads)
    for place in (tree, *tree.rglob("*")):
        os.utime(place, (moment, moment), follow_symlinks=False)


def _sign(file: Path, key: str) -> None:
    """Sign *file* with the user's own GnuPG, which may ask for a passphrase by its agent."""
    own = {name: os.environ[name] for name in ("HOME", "GNUPGHOME") if name in os.environ}
    macros = ("--define", f"_gpg_name {key.replace('%', '%%')}", "--define", f"__gpg {GPG}")
    words = ["rpmsign", "--addsign", *macros, str(file)]
    command.run(words, env=own)
