"""Where the packages come from: the `url` and `repo` lines."""

from collections.abc import Sequence

from appliance.errors import RecipeError
from appliance.recipe.findings import Findings, Said
from appliance.recipe.model import Repository

SCHEMES = ("http://", "https://", "file://", "ftp://")


def repositories(said: Sequence[Said], findings: Findings) -> tuple[Repository, ...]:
    """Return the repositories in the order of their lines; a name said twice: the last wins."""
    chosen: dict[str, Repository] = {}
    for repository in findings.each(repository_of, said):
        if old := chosen.get(repository.name):
            what = f"repository {repository.name} replaces that of {old.where}"
            findings.note(what, repository.where)
        chosen[repository.name] = repository
    return tuple(chosen.values())


def repository_of(said: Said) -> Repository:
    """Return one repository. Raises RecipeError for a URL that is none."""
    main = said.command == "url"
    name = "url" if main else said.values.name
    url = (said.values.url if main else said.values.baseurl) or ""
    if url and not url.startswith(SCHEMES):
        raise RecipeError(f"'{url}' is not a URL", hint=" ".join(SCHEMES), where=said.where)
    if any(letter.isspace() for letter in url):
        raise RecipeError(f"the URL '{url}' contains a space", hint="%20", where=said.where)
    if not name or any(letter.isspace() or letter == "/" for letter in name):
        raise RecipeError(
            f"'{name}' is not a name for a repository", hint="--name=WORD", where=said.where
        )
    return Repository(name, url, said.where)
