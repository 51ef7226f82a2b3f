"""%addon sections: an installer's own. One of them says something of the system: kdump's."""

from appliance.errors import RecipeError
from appliance.recipe.reading.answers import IN_POST
from appliance.recipe.reading.findings import Findings
from appliance.recipe.reading.sections import Section, options_of

KDUMP = "com_redhat_kdump"
WITH_VALUE = ("--reserve-mb",)


def crash_kernel(section: Section, words: tuple[str, ...], findings: Findings) -> str:
    """Return what an add-on says of the memory that kdump reserves: an amount, "auto", "off";
    empty if it says nothing of it.

    Raises RecipeError for an add-on that would do what nobody here does.
    """
    where = section.header.where
    if len(words) < 2 or words[1].startswith("--"):
        raise RecipeError("an %addon without a name", hint=f"%addon {KDUMP} --disable", where=where)
    given = options_of(section, words[1:], with_value=WITH_VALUE)
    if words[1] != KDUMP:
        if "--disable" not in given:
            problem = f"%addon {words[1]}: add-ons of an installer are not supported"
            raise RecipeError(problem, hint=IN_POST, where=where)
        findings.note(f"%addon {words[1]}: an add-on that is to do nothing", where)
        return ""
    if "--disable" in given:
        return "off"
    amount = given.get("--reserve-mb", "auto").strip("'\"").lower().removesuffix("m")
    if amount != "auto" and not (amount.isascii() and amount.isdigit()):
        raise RecipeError(
            f"%addon {KDUMP}: '{amount}' is no number of MiB", hint="--reserve-mb=auto", where=where
        )
    return amount if amount == "auto" else f"{amount}M"
