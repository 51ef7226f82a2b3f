"""What somebody asks for, as one value."""

from dataclasses import dataclass, field
from pathlib import Path

from appliance.bundle.sheet import Sheet
from appliance.engine.run_plan import Manner
from appliance.handover.form import Handover
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides, check_name
from appliance.recipe.repository_options import RepositoryOptions


@dataclass(frozen=True)
class Request:
    """What somebody asks for: one kickstart, and everything that the command line says.

    *kickstart*: the kickstart file.
    *output*: the directory in which the appliance's directory is made.
    *store*: the directory of the store.
    *target*: the formats, the architecture and the sizes of what is built.
    *repositories*: where packages come from, besides what the kickstart says.
    *overrides*: what replaces parts of the kickstart.
    *manner*: how to build: cores, memory, time-outs.
    *update_lock*: whether to ask the repositories and write the lock anew.
    *tools*: the words of `--tools`: a directory, auto or auto:SUITE; empty: this host's programs.
    *refresh_scripts*: whether to run scripts with a network again, even if nothing changed.
    *handover*: what is handed over besides the images, and how.
    *sheet*: what the product sheet says of the machine and the product.
    *sheet_file*: the product sheet that somebody named; None: that beside the kickstart, if any.
    *strict_leaks*: whether the build ends if others should not get what is in the image.
    """

    kickstart: Path
    output: Path
    store: Path
    target: Target
    repositories: RepositoryOptions
    overrides: Overrides
    manner: Manner
    update_lock: bool = False
    tools: str = ""
    refresh_scripts: bool = False
    handover: Handover = field(default_factory=Handover)
    sheet: Sheet = field(default_factory=Sheet)
    sheet_file: Path | None = None
    strict_leaks: bool = False

    @property
    def name(self) -> str:
        """The name of the appliance: that of its kickstart, unless the command line gives one."""
        return self.overrides.name or self.kickstart.stem

    @property
    def handed_over_as(self) -> str:
        """The name of the directory and the files that the appliance becomes."""
        name = self.handover.called(self.name, self.sheet.version, self.target.architecture)
        check_name(name)
        return name

    @property
    def writes(self) -> tuple[Path, Path]:
        """The directories that a build writes to."""
        return self.output, self.store
