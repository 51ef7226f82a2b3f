"""Options that bring the author's own files: into the image, or to its scripts."""

from appliance.cli.options import paths
from appliance.cli.options.option import Group, Kind, Option
from appliance.recipe.own_files import SHAPE, parse_copy

COPIED = Kind("copy", SHAPE, parse_copy, files=True)
COPY = Option(
    ("--copy",),
    "copy files of this machine into the image, before %post runs: a file, what is in a directory, "
    "or what a glob finds; DEST is an absolute path, with a slash at its end a directory for the "
    "file; MODE is octal, OWNER a user of the image, or USER:GROUP",
    COPIED, usual="what the sheet says; files keep their modes, root owns them",
    example="shop.conf:/etc/shop/:0640:root:adm", repeat=True,
)  # fmt: skip
FILES = Option(
    ("--files",),
    "let %pre and %post --nochroot see what is in this directory, read-only, as their working "
    "directory; they see nothing else of this machine but its /usr",
    paths.DIRECTORY_THERE, usual="what the sheet says, and files beside the kickstart, if it is "
    "there", example="payload", repeat=True,
)  # fmt: skip
OWN_FILES = Group("your own files", (COPY, FILES))
