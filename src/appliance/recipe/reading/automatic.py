"""Partitions that the author leaves to us: `autopart` and `reqpart`."""

from collections.abc import Mapping, Sequence

from appliance.errors import RecipeError
from appliance.recipe.reading.encryption import encryption
from appliance.recipe.reading.findings import Said
from appliance.recipe.reading.storage import filesystem_named
from appliance.recipe.volumes import Autopart, Reqpart

SCHEMES = {"lvm": "lvm", "btrfs": "btrfs", "plain": "plain", "partition": "plain"}
UNLIKELY = ("thinp", "stratis")


def autopart(said: Mapping[str, Sequence[Said]], passphrase: str = "") -> Autopart | None:
    """Return what all `autopart` lines say together. Raises RecipeError if other lines make
    partitions too, or for a scheme that is not known."""
    lines = said.get("autopart", ())
    if not lines:
        return None
    last = lines[-1]
    for word in ("part", "logvol", "volgroup", "btrfs", "reqpart"):
        if said.get(word):
            raise RecipeError(
                f"autopart and {word} cannot make one disk",
                where=last.where,
                hint=f"leave out one of them ({word}: {said[word][0].where})",
            )
    scheme = next((name for name, number in last.values.typeMap.items()
                   if number == last.values.type), "")  # fmt: skip
    if scheme in UNLIKELY:
        raise RecipeError(
            f"autopart --type={scheme} is not supported", where=last.where, hint="--type=lvm"
        )
    asked = {option for line in lines for option in line.options}
    if "--nolvm" in asked:
        scheme = "plain"
    return Autopart(
        where=last.where,
        scheme=SCHEMES.get(scheme, ""),
        filesystem=filesystem_named(last),
        home="--nohome" not in asked,
        swap="--noswap" not in asked,
        boot="--noboot" not in asked,
        encryption=encryption(last, passphrase),
        hibernation="--hibernation" in asked,
    )


def reqpart(said: Sequence[Said]) -> Reqpart | None:
    """Return what all `reqpart` lines say together."""
    if not said:
        return None
    return Reqpart(said[-1].where, boot=any("--add-boot" in line.options for line in said))
