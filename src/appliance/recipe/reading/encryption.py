"""Encrypted volumes, as `--encrypted` and its relatives ask for them."""

from appliance.errors import RecipeError
from appliance.recipe.reading.findings import Said
from appliance.recipe.volumes import Encryption

HERE = "kickstart"  # a source: the passphrase stands in the line itself
SOURCES = ("env:", "file:")


def encryption(said: Said, source: str) -> Encryption | None:
    """Return what a line says of its container; None if it is not to be encrypted.

    Its own --passphrase comes before *source* if it can be read again, from a file of this host;
    it stays out of what is returned.
    Raises RecipeError if it would have no passphrase, or is to be of the old format.
    """
    values = said.values
    if not values.encrypted:
        return None
    if values.luks_version == "luks1":
        raise RecipeError(
            f"{said.command} --luks-version=luks1: containers here are LUKS2",
            where=said.where,
            hint="leave --luks-version out",
        )
    if not values.passphrase and not source:
        raise RecipeError(
            f"{said.command} {getattr(values, 'mountpoint', '')} --encrypted has no passphrase",
            where=said.where,
            hint="--passphrase env:NAME or file:PATH on the command line",
        )
    own = values.passphrase and (not source or said.where.path.is_file())
    return Encryption(
        source=f"{HERE}:{said.where}" if own else source,
        cipher=values.cipher or "",
        derivation=values.pbkdf or "",
        memory=values.pbkdf_memory or 0,
        time=values.pbkdf_time or 0,
        iterations=values.pbkdf_iterations or 0,
    )
