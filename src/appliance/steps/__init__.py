"""The steps that a build can consist of, each in a file of its own: the fields of a step are all
its inputs, and run() is all that it does. To add one: write its file, add it to _KINDS."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Protocol

from appliance.steps.assemble_disk import AssembleDisk
from appliance.steps.convert_disk import ConvertDisk
from appliance.steps.copy_files import CopyFiles
from appliance.steps.fill_filesystem import FillFilesystem
from appliance.steps.install_packages import InstallPackages
from appliance.steps.judge_files import JudgeFiles
from appliance.steps.label_files import LabelFiles
from appliance.steps.make_boot_code import MakeBootCode
from appliance.steps.map_blocks import MapBlocks
from appliance.steps.minimize_image import MinimizeImage
from appliance.steps.pack_tree import PackTree
from appliance.steps.run_before import RunBefore
from appliance.steps.run_script import RunScript
from appliance.work import Work
from appliance.work.results import Layer, LeftFiles, Result


class Step(Protocol):
    """One thing that a build does, as a frozen dataclass, so that a plan of steps can be printed
    and compared, and its results cached.

    *version* is raised whenever run() changes what it makes.
    """

    version: ClassVar[int]

    @property
    def takes(self) -> tuple[Result, ...]:
        """The results of earlier steps that this step reads."""

    @property
    def gives(self) -> Result:
        """The one result that this step makes."""

    def run(self, work: Work) -> None:
        """Make the result, with what *work* offers; raise ApplianceError if that fails."""


_KINDS: tuple[type[Step], ...] = (
    InstallPackages,
    CopyFiles,
    RunBefore,
    RunScript,
    MinimizeImage,
    JudgeFiles,
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
    """What the %pre scripts among *steps* left in their /tmp, in their order."""
    return tuple(step.gives for step in steps if isinstance(step.gives, LeftFiles))
