"""Options that several commands share, and what they mean as values."""

import argparse
from dataclasses import replace
from pathlib import Path

from appliance.backends import families
from appliance.bundle.sheet import Sheet
from appliance.cli import add_store, result
from appliance.cli.result import size
from appliance.engine.create import Request
from appliance.engine.run_plan import Manner
from appliance.engine.tools_root import AUTO
from appliance.errors import RequestError
from appliance.handover.form import Handover
from appliance.host import probe
from appliance.host.download import fetch_text
from appliance.packages.resolve import Sources, source_date_epoch
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides, Reading

FITTED = 0  # instead of a disk's size: as small as what is in it allows
ARCHITECTURES = ("x86_64", "aarch64")


def disk_size(text: str) -> int:
    """Argparse type: a size, or auto (FITTED)."""
    return FITTED if text == "auto" else size(text)


def seconds(text: str) -> int:
    """Argparse type: a whole number of seconds, one or more."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds")
    return int(text)


def variable(text: str) -> tuple[str, str]:
    """Argparse type: NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name, value


def add_recipe(command: argparse.ArgumentParser) -> None:
    """The kickstart and where its packages come from."""
    command.add_argument("recipe", type=Path, metavar="FILE.ks", help="kickstart file")
    add_store(command)
    add_reading(command)
    group = add_repositories(command)
    group.add_argument("--mirror", default="", metavar="URL", help="root of the archive to use")
    group.add_argument("--keyring", type=Path, metavar="FILE", help="keys to trust instead")
    group.add_argument(
        "--no-gpg-check", action="append", default=[], metavar="REPOSITORY",
        help="take packages of that repository whoever signed them",
    )  # fmt: skip
    group.add_argument(
        "--refresh", action="store_true", help="ask the repositories even if asked this hour"
    )
    group.add_argument(
        "--tools", default="", metavar="ROOT|auto",
        help="take the programs that make the image from the system in that directory; auto, or "
        "auto:SUITE: from one that is made of Debian's packages",
    )  # fmt: skip


def add_repositories(command: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """What the kickstart leaves open: repositories, their release, their variables."""
    group = command.add_argument_group("packages")
    group.add_argument("--releasever", default="", metavar="RELEASE", help="44, trixie, …")
    group.add_argument(
        "--repo", type=Path, action="append", default=[], metavar="FILE|DIR|NAME",
        help=".repo file, directory of them, or known repository (fedora-44), to take packages "
        "from too",
    )  # fmt: skip
    group.add_argument(
        "--var", type=variable, action="append", default=[], metavar="NAME=VALUE",
        help="what $NAME means in the addresses of repositories",
    )  # fmt: skip
    return group


def add_reading(command: argparse.ArgumentParser) -> None:
    """How the kickstart's text is found and understood."""
    group = add_include_path(command)
    group.add_argument(
        "--strict", default="", metavar="RELEASE",
        help="allow only the exact syntax of that release: F44, RHEL9, …",
    )  # fmt: skip
    group.add_argument(
        "--passphrase", default="", metavar="SOURCE",
        help="where the passphrase of encrypted volumes is, if not in the kickstart: env:NAME or "
        "file:PATH",
    )  # fmt: skip


def add_include_path(command: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Where what a kickstart includes may be."""
    group = command.add_argument_group("kickstart")
    group.add_argument(
        "--include-path", type=Path, action="append", default=[], metavar="DIR",
        help="look there, too, for what it includes",
    )  # fmt: skip
    return group


def add_identity(command: argparse.ArgumentParser) -> None:
    """Who may log in, beyond what the kickstart says."""
    group = command.add_argument_group("identity")
    group.add_argument("--root-password", default="", metavar="PASSWORD", help="set and unlock")
    group.add_argument(
        "--ssh-key", type=Path, action="append", default=[], metavar="FILE",
        help="public key that may log in as root, or as --user",
    )  # fmt: skip
    group.add_argument(
        "--user", action="append", default=[], metavar="NAME[:PASSWORD]", help="add a user"
    )


def add_target(command: argparse.ArgumentParser) -> None:
    """What the result is to be."""
    group = command.add_argument_group("result")
    result.add_formats(group, trees=True)
    group.add_argument(
        "--disk-size", type=disk_size, metavar="SIZE|auto",
        help="for partitions that --grow; auto: these become as small as what is in them allows, "
        "with a tenth of that, at least 64 MiB, free",
    )  # fmt: skip
    group.add_argument(
        "--grow-root", action="store_true",
        help="let the root grow, at boot, to the disk that it finds",
    )  # fmt: skip
    add_architecture(group)
    group.add_argument(
        "--network", choices=("host", "none"), default="host", help="for %%post scripts"
    )
    result.add_sheet(command)


def sources(options: argparse.Namespace) -> Sources:
    """The repositories besides the kickstart's, and what is known of all."""
    return Sources(
        releasever=options.releasever,
        repository_files=tuple(str(path.absolute()) for path in options.repo if not known(path)),
        named=tuple(str(path) for path in options.repo if known(path)),
        variables=tuple(options.var),
    )


def reading(options: argparse.Namespace) -> Reading:
    """Where includes are, and that URLs are fetched."""
    return Reading(tuple(options.include_path), fetch_text)


def add_architecture(group: argparse._ActionsContainer) -> None:
    """What the result runs on."""
    group.add_argument(
        "--arch", default=probe.architecture(), choices=ARCHITECTURES,
        help="what the appliance runs on (default: what this machine is)",
    )  # fmt: skip


def request(options: argparse.Namespace) -> Request:
    """Everything that was typed, as one value; options a command does not have stay default."""
    keyring = str(options.keyring.absolute()) if options.keyring else ""
    target = hasattr(options, "purposes")
    sheet = result.sheet(options, options.recipe) if target else Sheet()
    return Request(
        kickstart=options.recipe,
        output=getattr(options, "output", Path("out")),
        store=options.store.absolute(),
        target=Target(
            formats=result.formats(options) if target else Target.formats,
            disk_size=getattr(options, "disk_size", None) or None,
            fitted=getattr(options, "disk_size", None) == FITTED,
            network=getattr(options, "network", "host") == "host",
            memory=sheet.memory or Target.memory,
            architecture=getattr(options, "arch", probe.architecture()),
            grow_root=getattr(options, "grow_root", False),
            maps=target,
            whole=result.whole(options) if target else Target.whole,
        ),
        sources=replace(
            sources(options),
            mirror=options.mirror,
            keyring=keyring,
            refresh=options.refresh,
            clock=source_date_epoch(),
            trust=tuple(options.no_gpg_check),
        ),
        overrides=Overrides(
            root_password=getattr(options, "root_password", ""),
            keys=tuple(map(_key, getattr(options, "ssh_key", []))),
            users=tuple(getattr(options, "user", [])),
            reading=reading(options),
            strict=options.strict,
            passphrase=options.passphrase,
        ),
        manner=Manner(
            cores=getattr(options, "jobs", 0),
            in_memory={"memory": True, "disk": False}.get(getattr(options, "workbench", "")),
            shell=getattr(options, "shell", False),
            script_seconds=getattr(options, "script_timeout", Manner.script_seconds),
        ),
        update_lock=getattr(options, "update_lock", False),
        refresh_scripts=getattr(options, "refresh_scripts", False),
        tools=_tools(getattr(options, "tools", "")),
        sheet=sheet,
        handover=result.handover(options) if hasattr(options, "package") else Handover(),
    )


def known(repository: Path) -> bool:
    """Whether that is the name of a known repository, and no file."""
    return str(repository) in families.known_names() and not repository.exists()


def _tools(root: str) -> str:
    """The directory of that name, wherever we go later; `auto` and nothing stay as they are."""
    return str(Path(root).absolute()) if root and not root.startswith(AUTO) else root


def _key(path: Path) -> str:
    """The public key in a file; a private one is refused before it can get anywhere."""
    try:
        text = path.expanduser().read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"--ssh-key {path}: {error}") from None
    if "PRIVATE KEY" in text:
        raise RequestError(f"{path} is a private key", hint=f"--ssh-key {path}.pub")
    return text
