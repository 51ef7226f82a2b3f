"""Kickstarts as values of pykickstart, and what old programs ask of them.

*ks* is what read_kickstart() returned, everywhere. Sizes are bytes unless something else is said.
"""

import copy
import shlex
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pykickstart.base import RemovedCommand
from pykickstart.constants import (
    KS_MISSING_IGNORE,
    KS_SCRIPT_POST,
    KS_SCRIPT_PRE,
    SELINUX_ENFORCING,
    SELINUX_PERMISSIVE,
)
from pykickstart.errors import KickstartError as GrammarError
from pykickstart.handlers.control import commandMap
from pykickstart.parser import Group, KickstartParser
from pykickstart.version import F31, returnClassForVersion

from appliance.errors import ApplianceError
from appliance.host.download import fetch_text
from appliance.recipe.overrides import Reading
from appliance.recipe.reading.findings import Findings
from appliance.recipe.reading.leniency import lenient
from appliance.recipe.reading.lines import read
from appliance.recipe.reading.load import OLDER
from appliance.recipe.reading.sections import divide
from imgcreate.errors import KickstartError

# (name, baseurl, mirrorlist, proxy, includepkgs, excludepkgs, cost, sslverify)
Repo = tuple[str, str, str, str, list[str], list[str], Any, bool]
GONE = {"module": F31}  # old programs ask for it: the last that had its streams
STORAGE = (
    "autopart", "bootloader", "btrfs", "clearpart", "logvol", "part", "partition", "raid",
    "volgroup", "zerombr",
)  # fmt: skip


def read_kickstart(path: str | Path) -> KickstartParser:
    """Parse the kickstart at *path*, a file or a URL; raises CreatorError if it is none.

    What people wrote in the course of the years is understood, as by appliance-creator.
    """
    newest = returnClassForVersion()
    older = {word: commandMap[version][word] for word, version in (OLDER | GONE).items()}
    ks = KickstartParser(newest(mapping={**commandMap[newest.version], **older}))
    try:
        if "://" not in str(path):
            ks.readKickstartFromString(_todays(Path(path), ks.handler))
            return ks
        with tempfile.NamedTemporaryFile("w", suffix=".ks") as file:
            file.write(fetch_text(str(path)))
            file.flush()
            ks.readKickstartFromString(_todays(Path(file.name), ks.handler))
    except ApplianceError as error:
        raise KickstartError(f"Failed to read kickstart file '{path}' : {error}") from error
    except GrammarError as error:
        raise KickstartError(f"Failed to parse kickstart file '{path}' : {error}") from error
    return ks


def _todays(path: Path, handler: Any) -> str:
    """The text of *path* with all that it includes, and its commands as they are written today."""
    findings = Findings(path)
    lines = read(path, findings, Reading(fetch=fetch_text))
    commands, sections = divide(lines, findings)
    if findings.problems:
        raise findings.problems[0]
    made = []
    for line in commands:
        words = lenient(tuple(shlex.split(line.text, comments=True)), line.where, findings)
        if not isinstance(handler.commands.get(words[0]), RemovedCommand):
            made.append(shlex.join(words))
    for section in sections:
        made += [section.header.text, *(line.text for line in section.body), "%end"]
    return "".join(f"{text}\n" for text in made)


def build_name(
    kscfg: str | Path,
    prefix: str | None = None,
    suffix: str | None = None,
    maxlen: int | None = None,
) -> str:
    """PREFIX, the kickstart's name without its extension, a hyphen, and SUFFIX.

    No *suffix* is the time, YYYYMMDDHHMM. A name longer than *maxlen* loses its prefix, then the
    end of the kickstart's name.
    """
    prefix = prefix or ""
    suffix = time.strftime("%Y%m%d%H%M") if suffix is None else suffix
    stem = Path(kscfg).name.rpartition(".")[0] or Path(kscfg).name
    stem = stem.removeprefix(prefix)
    whole = f"{prefix}{stem}-{suffix}"
    if maxlen is None or len(whole) <= maxlen:
        return whole
    return f"{stem[: maxlen - len(suffix) - 1]}-{suffix}"


def get_image_size(ks: Any, default: int | None = None) -> int | None:
    """The size that / asks for."""
    sizes = [part.size for part in _roots(ks) if part.size]
    return int(sizes[-1]) * 1024 * 1024 if sizes else default


def get_image_fstype(ks: Any, default: str | None = None) -> str | None:
    """The filesystem that / asks for."""
    return next((str(part.fstype) for part in _roots(ks) if part.fstype), default)


def get_timeout(ks: Any, default: int | None = None) -> int | None:
    """Seconds that the boot loader waits."""
    said = getattr(ks.handler.bootloader, "timeout", None)
    return default if said is None else int(said)


def get_kernel_args(ks: Any, default: str = "ro rd.live.image") -> str:
    """*default*, and what `bootloader --append` adds to it."""
    said = getattr(ks.handler.bootloader, "appendLine", None)
    return default if said is None else f"{default} {said}"


def get_default_kernel(ks: Any, default: str | None = None) -> str | None:
    """The package of the kernel that is started, if the kickstart names one."""
    return getattr(ks.handler.bootloader, "default", None) or default


def get_repos(ks: Any, repo_urls: dict[str, str] | None = None) -> list[Repo]:
    """All repositories, the last of each name; *repo_urls* are other addresses for their names."""
    urls = repo_urls or {}
    found: dict[str, Repo] = {}
    for repo in ks.handler.repo.repoList:
        other = urls.get(repo.name)
        found[repo.name] = (
            repo.name,
            other or repo.baseurl,
            "" if other else repo.mirrorlist,
            repo.proxy,
            list(repo.includepkgs),
            list(repo.excludepkgs),
            repo.cost,
            not repo.noverifyssl,
        )
    return list(found.values())


def convert_method_to_repo(ks: Any) -> None:
    """Add what `url` names to the repositories, where pykickstart can do that."""
    convert = getattr(ks.handler.repo, "methodToRepo", None)
    if convert and getattr(getattr(ks.handler, "url", None), "url", None):
        try:
            convert()
        except GrammarError as error:
            raise KickstartError(str(error)) from error


def get_packages(ks: Any, required: Sequence[str] = ()) -> list[str]:
    """The packages that it lists, and *required*."""
    return [*ks.handler.packages.packageList, *required]


def get_groups(ks: Any, required: Sequence[Any] = ()) -> list[Any]:
    """The groups that it lists, each with its name, and *required*."""
    return [*ks.handler.packages.groupList, *required]


def get_environment(ks: Any) -> str | None:
    """The environment that it asks for."""
    return getattr(ks.handler.packages, "environment", None) or None


def get_excluded(ks: Any, required: Sequence[str] = ()) -> list[str]:
    """The packages that it forbids, and *required*."""
    return [*ks.handler.packages.excludedList, *required]


def get_excluded_groups(ks: Any, required: Sequence[Any] = ()) -> list[Any]:
    """The groups that it forbids, and *required*."""
    return [*ks.handler.packages.excludedGroupList, *required]


def get_modules(ks: Any) -> list[tuple[str, str, bool]]:
    """Its module streams: name, stream, whether they are enabled."""
    return [
        (module.name, module.stream, getattr(module, "enable", True))
        for module in ks.handler.module.moduleList
    ]


def get_partitions(ks: Any, required: Sequence[Any] = ()) -> list[Any]:
    """Its partitions, as pykickstart has them: mountpoint, size in MiB, fstype, disk; *required*
    was never looked at."""
    del required
    return list(ks.handler.partition.partitions)


def get_pre_scripts(ks: Any) -> list[Any]:
    """The %pre sections of the kickstart, in their order."""
    return [script for script in ks.handler.scripts if script.type == KS_SCRIPT_PRE]


def get_post_scripts(ks: Any) -> list[Any]:
    """The %post sections of the kickstart, in their order."""
    return [script for script in ks.handler.scripts if script.type == KS_SCRIPT_POST]


def ignore_missing(ks: Any) -> bool:
    """Whether `%packages --ignoremissing` passes over packages that do not exist."""
    return bool(ks.handler.packages.handleMissing == KS_MISSING_IGNORE)


def exclude_docs(ks: Any) -> bool:
    """Whether `%packages --excludedocs` leaves documentation out."""
    return bool(ks.handler.packages.excludeDocs)


def exclude_weakdeps(ks: Any) -> bool | None:
    """`%packages --exclude-weakdeps`; None if it does not say so."""
    return getattr(ks.handler.packages, "excludeWeakdeps", None) or None


def nocore(ks: Any) -> bool:
    """Whether `%packages --nocore` leaves the group core out."""
    return bool(ks.handler.packages.nocore)


def inst_langs(ks: Any) -> str | None:
    """`%packages --inst-langs`; None if it does not say so."""
    said = getattr(ks.handler.packages, "instLangs", None)
    return None if said is None else str(said)


def selinux_enabled(ks: Any) -> bool:
    """Whether `selinux` says enforcing or permissive."""
    return ks.handler.selinux.selinux in (SELINUX_ENFORCING, SELINUX_PERMISSIVE)


def text_for_engine(
    ks: Any,
    *,
    required: Sequence[str],
    excluded: Sequence[str],
    repo_urls: dict[str, str],
    disks: bool,
) -> str:
    """The kickstart that the engine builds from: *ks* as it is now, with no scripts of its own.

    Without *disks* it asks for a root that boots nowhere, for its tree alone.
    """
    handler = copy.deepcopy(ks.handler)
    handler.scripts = []
    handler.packages.packageList += [each for each in required if not each.startswith("@")]
    groups = [Group(each.lstrip("@")) for each in required if each.startswith("@")]
    handler.packages.groupList += groups
    handler.packages.excludedList += list(excluded)
    for repo in handler.repo.repoList:
        if repo.name in repo_urls:
            repo.baseurl, repo.mirrorlist = repo_urls[repo.name], None
    if disks:
        return str(handler)
    for word in STORAGE:
        if word in handler.commands and handler.commands[word] is not None:
            handler.resetCommand(word)
    return f"{handler}\npart / --fstype=ext4 --size=8192\nbootloader --disabled\n"


def _roots(ks: Any) -> list[Any]:
    return [part for part in get_partitions(ks) if part.mountpoint == "/"]
