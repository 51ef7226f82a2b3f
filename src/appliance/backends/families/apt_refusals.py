"""What a recipe can ask of dnf only: refused for apt, not left out in silence."""

from dataclasses import fields

from appliance.errors import RecipeError, RequestError, Where
from appliance.recipe.model import Packages, Recipe, Repository
from appliance.recipe.repository_options import RepositoryOptions

ONE_ADDRESS = "--baseurl=http://HOST/debian/dists/SUITE, or a known name, as debian-trixie"
NO_PROXY = "http_proxy=URL in the environment: it holds for all repositories"
NO_CERTIFICATES = "--mirror URL, of a mirror that needs none"
HTTP = "http:// does as well: the archive's own signature is checked"
LEVELS = {"mandatory": "--nodefaults", "optional": "--optional"}
REPOSITORY = {  # field: the option, why not, what to try
    "mirrorlist": ("--mirrorlist", "apt has no lists of mirrors like dnf's", ONE_ADDRESS),
    "metalink": ("--metalink", "apt has no metalinks", ONE_ADDRESS),
    "included": (
        "--includepkgs",
        "apt has no such lists for a repository",
        "name what you want in %packages",
    ),
    "excluded": (
        "--excludepkgs",
        "apt has no such lists for a repository",
        "-PACKAGE in %packages: it comes from nowhere then",
    ),
    "proxy": ("--proxy", "apt has no proxy for one repository line", NO_PROXY),
    "ca_certificate": ("--sslcacert", "apt is given no certificates", NO_CERTIFICATES),
    "client_certificate": ("--sslclientcert", "apt is given no certificates", NO_CERTIFICATES),
    "client_key": ("--sslclientkey", "apt is given no certificates", NO_CERTIFICATES),
    "verified": ("--noverifyssl", "apt always looks at a server's certificate", HTTP),
}
PACKAGES = {  # field: the option, why not, what to try
    "ignore_broken": (
        "--ignorebroken",
        "apt has no way to leave out what cannot be installed",
        "leave it out, and -PACKAGE for each of them",
    ),
    "multilib": (
        "--multilib",
        "apt has no packages for all architectures at once",
        "leave it out: the image is of one architecture",
    ),
}
USUAL = {field.name: field.default for kind in (Repository, Packages) for field in fields(kind)}


def refuse_unsupported(recipe: Recipe) -> None:
    """Raise RecipeError for the first thing in *recipe* that apt cannot do."""
    for repository in recipe.repositories:
        _repository(repository)
    _packages(recipe.packages)


def refuse_unchecked(options: RepositoryOptions) -> None:
    """Raise RequestError if somebody wants apt to take packages whoever signed them."""
    for name in options.unchecked:
        raise RequestError(
            f"--no-gpg-check {name}: apt's archives are always checked",
            hint="--keyring FILE with its keys, or signed-by=FILE in its address",
        )


def _repository(repository: Repository) -> None:
    for field, (option, why, hint) in REPOSITORY.items():
        if getattr(repository, field) != USUAL[field]:
            raise _refusal(f"{repository.name} {option}", why, hint, repository.where)


def _packages(packages: Packages) -> None:
    if wanted := packages.environment:
        why, hint = "apt has no environments", "@standard, or a task such as @gnome-desktop"
        raise _refusal(f"@^{wanted.name}", why, hint, wanted.where)
    for group in packages.groups:
        if option := LEVELS.get(group.level):
            why, hint = "apt's tasks have no levels", f"@{group.name}, and names of packages"
            raise _refusal(f"@{group.name} {option}", why, hint, group.where)
    for field, (option, why, hint) in PACKAGES.items():
        if getattr(packages, field) != USUAL[field]:
            raise _refusal(f"%packages {option}", why, hint, None)


def _refusal(what: str, why: str, hint: str, where: Where | None) -> RecipeError:
    return RecipeError(f"{what}: {why}", hint=hint, where=where)
