"""Boot loaders, as `bootloader` asks for them."""

import re
import shlex
from collections.abc import Sequence

from appliance.errors import RecipeError
from appliance.recipe.reading.findings import Said
from appliance.recipe.secrets import boot_password
from appliance.recipe.volumes import BootSettings

HASH = re.compile(r"grub\.pbkdf2\.sha512\.[0-9]+\.[0-9A-Fa-f]+\.[0-9A-Fa-f]+")
KINDS = {"extlinux": "extlinux", "sdboot": "systemd-boot"}


def boot_loader(said: Sequence[Said]) -> BootSettings:
    """Return what all `bootloader` lines say together. Raises RecipeError."""
    if not said:
        return BootSettings()
    values = said[-1].values
    for each in said:
        if each.values.location in ("partition", "boot"):
            raise RecipeError(
                f"bootloader --location={each.values.location}: there is no other loader before it",
                hint="--location=mbr",
                where=each.where,
            )
        if (each.values.timeout or 0) < 0:
            raise RecipeError("bootloader --timeout is seconds, from 0", where=each.where)
    return BootSettings(
        enabled=not values.disabled,
        timeout=BootSettings.timeout if values.timeout is None else values.timeout,
        append=_once(values.appendLine or ""),
        kind=next((kind for name, kind in KINDS.items() if getattr(values, name, None)), "grub"),
        installed=values.location != "none",
        in_mbr=not getattr(values, "nombr", False),
        password=values.password or "",
        where=said[-1].where,
    )


def without_plain_boot_password(said: Said, recipe: str) -> str:
    """Return the hash of the password on a `bootloader` line.

    Raises RecipeError if what is said to be a hash is none.
    """
    values = said.values
    if not values.isCrypted:
        return boot_password(values.password, salt_from=f"{recipe}/bootloader")
    if not HASH.fullmatch(values.password):
        raise RecipeError(
            "bootloader --iscrypted, but the password is no hash that GRUB knows",
            where=said.where,
            hint="what grub-mkpasswd-pbkdf2 prints: grub.pbkdf2.sha512.…",
        )
    return str(values.password)


def source_line(said: Said) -> str:
    """Write a line with a password again, with its hash instead, quoted where it must be."""
    kept = [
        word
        for before, word in zip(("", *said.words), said.words, strict=False)
        if word not in ("--iscrypted", "--password")
        and before != "--password"
        and not word.startswith("--password=")
    ]
    return shlex.join([*kept, "--iscrypted", f"--password={said.values.password}"])


def _once(words: str) -> str:
    """The kernel's arguments; of those that are there twice, the last one counts."""
    listed = words.split()
    kept = [word for index, word in enumerate(listed) if word not in listed[index + 1 :]]
    return " ".join(kept)
