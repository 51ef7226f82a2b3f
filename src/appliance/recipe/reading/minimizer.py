"""The language of image-minimizer.

    drop GLOB      files, and directories with all that is in them
    keep GLOB      what no drop takes, wherever the line stands
    droprpm GLOB   packages, without those that depend on them
    keeprpm GLOB   packages that no droprpm takes

Globs of files are absolute paths of the image; `*` does not match a `/`.
"""

from appliance.errors import RecipeError, Where

WORDS = ("drop", "keep", "droprpm", "keeprpm")


def orders(body: str, where: Where) -> dict[str, list[str]]:
    """Return the globs of each word of *body*, whose first line is the one after *where*.

    Raises RecipeError, with the line, for any other word and for a line without one glob.
    """
    found: dict[str, list[str]] = {word: [] for word in WORDS}
    for number, line in enumerate(body.splitlines(), start=where.line + 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        place = Where(where.path, number)
        if words[0] not in found:
            problem = f"image-minimizer does not know '{words[0]}'"
            raise RecipeError(problem, hint=", ".join(WORDS), where=place)
        if len(words) != 2:
            raise RecipeError(f"{words[0]} takes one glob", hint="one line each", where=place)
        if words[0] in ("drop", "keep") and not words[1].startswith("/"):
            raise RecipeError(f"'{words[1]}' is not an absolute path", where=place)
        if ".." in words[1].split("/"):
            raise RecipeError(f"'{words[1]}' must not go up by ..", where=place)
        found[words[0]].append(words[1])
    return found
