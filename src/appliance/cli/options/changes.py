"""Options that change a little of what a kickstart says, and what its result is called."""

from appliance.cli.options import kickstart_kinds, paths
from appliance.cli.options.option import Group, Option

NAME = Option(
    ("-n", "--name"), "name of the appliance, and IMAGE_ID in its os-release",
    kickstart_kinds.appliance_name(), usual="as the kickstart's file", example="web", default="",
)  # fmt: skip
IMAGE_VERSION = Option(
    ("--image-version",), "version of the appliance, and IMAGE_VERSION in its os-release",
    kickstart_kinds.image_version(),
    usual="1.0, and none in os-release", example="2.1", default="",
)  # fmt: skip
FILE_NAME = Option(
    ("--file-name",),
    "what the appliance's directory and its files are called; {name}, {version} and {arch} stand "
    "for what they say",
    kickstart_kinds.file_name(),
    usual="{name}", example="'{name}-{version}-{arch}'", default="{name}",
)  # fmt: skip
HOSTNAME = Option(
    ("--hostname",), "name that the machine calls itself",
    kickstart_kinds.host_name(),
    usual="as the kickstart says", example="web-1.example.com", default="",
)  # fmt: skip
INSTALL = Option(
    ("--install",), "packages, and @groups, to install besides those of the kickstart",
    kickstart_kinds.packages(), usual="none", example="vim,@web-server",
)  # fmt: skip
RUN = Option(
    ("--run",),
    "script to run in the finished root after those of the kickstart; the build ends if it fails",
    paths.SCRIPT, field="run_script", usual="none", example="setup.sh", repeat=True,
)  # fmt: skip
UNBRAND = Option(
    ("--unbrand",),
    "leave out its distribution's name and marks, and have none; what [brand] of the sheet says "
    "does not count",
)
NAMING = (NAME, IMAGE_VERSION)
CHANGES = Group("small changes", (HOSTNAME, INSTALL, RUN, UNBRAND))
