"""Users whose files a build could not give to them: a plain user's namespace holds only so many ids
(subuid(5)), and useradd(8) leaves a home whose owner it cannot set to root without a word."""

from collections.abc import Callable
from pathlib import Path

from appliance.errors import CommandError, HostError
from appliance.recipe.model import Recipe

HINT = "a smaller id; or build as root; or grant more ids: usermod --add-subuids, --add-subgids"


def refuse_asked(recipe: Recipe, beyond: int) -> None:
    """Raise HostError for a user of *recipe* with an id of *beyond* or more."""
    for user in recipe.settings.users:
        for word, number in (("--uid", user.uid), ("--gid", user.gid)):
            if number >= beyond:
                raise HostError(
                    f"user --name={user.name} {word}={number}: as a plain user you can give files "
                    f"to ids up to {beyond - 1}",
                    where=user.where,
                    hint=HINT,
                )


def refuse_made(find: Callable[[str], Path], beyond: int) -> None:
    """Raise CommandError if a user of the image with a home has an id of *beyond* or more. *find*
    returns the file that is a path of the image."""
    place = find("etc/passwd")
    text = place.read_text(errors="replace") if place.is_file() else ""
    for fields in (line.split(":") for line in text.splitlines()):
        ids = [int(field) for field in fields[2:4] if field.isdecimal()]
        home = fields[5].strip("/") if len(fields) == 7 else ""
        if home and any(number >= beyond for number in ids) and find(home).exists():
            raise CommandError(
                f"the user {fields[0]} has the id {max(ids)}, and as a plain user you can give "
                f"files to ids up to {beyond - 1}: /{home} would be root's",
                hint=HINT,
            )
