"""Things a build can do. One file each: its fields are all its inputs, run() is all it does."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Protocol

from appliance.steps.assemble_disk import AssembleDisk
from appliance.steps.convert_disk import ConvertDisk
from appliance.steps.fill_filesystem import FillFilesystem
from appliance.steps.install_packages import InstallPackages
from appliance.steps.label_files import LabelFiles
from appliance.steps.make_boot_code import MakeBootCode
from appliance.steps.map_blocks import MapBlocks
from appliance.steps.minimize_image import MinimizeImage
from appliance.steps.pack_tree import PackTree
from appliance.steps.run_script import RunScript
from appliance.work import Work
from appliance.work.results import Layer, LeftFiles, Result


class Step(Protocol):
    """A frozen dataclass: data first, so a plan can be printed, compared and cached.

    *version* is raised whenever run() changes what it makes.
    """

    version: ClassVar[int]

    @property
    def takes(self) -> tuple[Result, ...]:
        """Earlier results that this step reads."""

    @property
    def gives(self) -> Result:
        """The one result that this step makes."""

    def run(self, work: Work) -> None:
        """Make the result. Called at most once per digest."""


_KINDS: tuple[type[Step], ...] = (
    InstallPackages,
    RunScript,
    MinimizeImage,
    LabelFiles,
    MakeBootCode,
    FillFilesystem,
    AssembleDisk,
    ConvertDisk,
    MapBlocks,
    PackTree,
)
KINDS: Mapping[str, type[Step]] = {kind.__name__: kind for kind in _KINDS}


def layers_of(steps: Iterable[Step]) -> tuple[Layer, ...]:
    """The layers of the root tree that *steps* give, in their order."""
    return tuple(step.gives for step in steps if isinstance(step.gives, Layer))


def left_by(steps: Iterable[Step]) -> tuple[LeftFiles, ...]:
    """What those of *steps* that are a %pre left in /tmp, in their order."""
    return tuple(step.gives for step in steps if isinstance(step.gives, LeftFiles))
