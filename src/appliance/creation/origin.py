"""What a bundle is made of, for the statement that its builder signs: what somebody asked for, and
every file that the build read. No secret is in it, only that there was one."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from appliance.bundle.statements import Material, Origin
from appliance.creation.request import Request
from appliance.handover.sheets import sheet_file
from appliance.host import trees
from appliance.intake.own_files import Brought
from appliance.masking import masked
from appliance.recipe.overrides import Overrides
from appliance.recipe.reading.findings import Findings
from appliance.recipe.reading.lines import read

TREE = "appliance-tree"  # the kind of digest that covers names, owners and modes, too


class Fetched:
    """Remembers what a kickstart includes from the network: it is fetched once, so what is stated
    is what was used."""

    def __init__(self, request: Request) -> None:
        self.fetch, self.texts = request.overrides.reading.fetch, dict[str, str]()

    def __call__(self, url: str) -> str:
        """The text at *url*. Raises what fetching it raises."""
        if url not in self.texts:
            self.texts[url] = self.fetch(url)
        return self.texts[url]


def remembering(request: Request) -> Request:
    """*request* which fetches every include once."""
    reading = replace(request.overrides.reading, fetch=Fetched(request))
    return replace(request, overrides=replace(request.overrides, reading=reading))


def origin(request: Request, brought: Brought) -> Origin:
    """All that went into what *request* asks for, but for its packages."""
    return Origin(parameters(request), tuple(_materials(request, brought)))


def parameters(request: Request) -> Mapping[str, Any]:
    """What was asked for, as plain values; what is not said is left out. Passwords and values of
    secret variables are named under `secrets`."""
    overrides, repositories, target = request.overrides, request.repositories, request.target
    declared = overrides.variables
    said = {
        "kickstart": request.kickstart.name,
        "name": overrides.name,
        "hostname": overrides.hostname,
        "packages": list(overrides.packages),
        "keys": list(overrides.keys),
        "users": [user.partition(":")[0] for user in overrides.users],
        "passphrase": overrides.passphrase,
        "strict": overrides.strict,
        "formats": list(target.formats),
        "architecture": target.architecture,
        "diskSize": target.disk_size or 0,
        "fitted": target.fitted,
        "growRoot": target.grow_root,
        "scriptNetwork": target.network,
        "strictScripts": target.strict_scripts,
        "repositories": [masked(each) for each in repositories.repositories],
        "releasever": repositories.releasever,
        "mirror": masked(repositories.mirror),
        "unchecked": list(repositories.unchecked),
        "tools": request.tools,
        "bundles": list(request.handover.forms),
        "sboms": list(request.handover.sboms),
        "variables": {each.name: masked(each.text) for each in declared if not each.secret},
        "secrets": [*_secrets(overrides), *(name for name, _ in repositories.variables)],
    }
    return {name: value for name, value in said.items() if value}


def _secrets(overrides: Overrides) -> Iterator[str]:
    if overrides.root_password:
        yield "root password"
    for user in overrides.users:
        name, colon, _ = user.partition(":")
        if colon:
            yield f"password of {name}"
    yield from (each.name for each in overrides.variables if each.secret)


def _materials(request: Request, brought: Brought) -> Iterator[Material]:
    kickstart, reading = request.kickstart, request.overrides.reading
    yield _file(kickstart)
    lines = read(kickstart, Findings(kickstart), reading)
    for path in dict.fromkeys(line.where.path for line in lines):
        if path != kickstart and path.is_file():
            yield _file(path)
    if isinstance(reading.fetch, Fetched):
        for url, text in reading.fetch.texts.items():
            yield Material(masked(url), {"sha256": _digest(text)}, masked(url))
    for script in request.overrides.scripts:
        yield Material(script.where.path.name, {"sha256": _digest(script.body)})
    if sheet := sheet_file(kickstart, request.sheet_file):
        yield _file(sheet)
    for digest, path in brought.places:
        yield _file(path) if path.is_file() else Material(path.name, {TREE: digest})


def _file(path: Path) -> Material:
    return Material(path.name, {"sha256": trees.sha256(path)})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
