"""%certificate sections: whom the system trusts, in the words of PEM."""

import re
from collections.abc import Mapping

from appliance.errors import RecipeError
from appliance.recipe.reading.sections import Section
from appliance.recipe.settings import Certificate

WITH_VALUE = ("--filename", "--dir", "--type")
FILE = re.compile(r"(?!\.{1,2}$)[^/\x00-\x1f\x7f]+")
DIRECTORY = re.compile(r"(/(?!\.{1,2}(/|$))[^/\x00-\x1f\x7f]+)+/?")
KINDS = ("anchor",)
EXAMPLE = "%certificate --filename=ca.pem --dir=/etc/pki/example"


def certificate(section: Section, given: Mapping[str, str]) -> Certificate:
    """Return the certificate of one section. Raises RecipeError."""
    where = section.header.where
    name, directory, kind = (given.get(option, "") for option in WITH_VALUE)
    if not FILE.fullmatch(name):
        problem = f"'{name}' is not the name of a file" if name else "no --filename"
        raise RecipeError(f"%certificate: {problem}", hint=EXAMPLE, where=where)
    if kind and kind not in KINDS:
        raise RecipeError(
            f"%certificate: '{kind}' is no type of certificates",
            hint=f"--type={' or '.join(KINDS)}, or --dir=DIRECTORY",
            where=where,
        )
    if not kind and not DIRECTORY.fullmatch(directory):
        problem = f"'{directory}' is not an absolute path" if directory else "no --dir"
        hint = f"{EXAMPLE}, or --type=anchor for one that the whole system trusts"
        raise RecipeError(f"%certificate: {problem}", hint=hint, where=where)
    text = "\n".join(line.text for line in section.body).strip("\n")
    if not text.strip():
        raise RecipeError("%certificate: the section is empty", hint=EXAMPLE, where=where)
    return Certificate(name, "" if kind else directory.rstrip("/"), f"{text}\n", where, kind)
