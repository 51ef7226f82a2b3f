"""Whether a system is made of a distribution's own unmodified packages alone: some distributions
say that it may then keep their name."""

from appliance.backends.families.known import FAMILIES
from appliance.backends.families.marks import Marks
from appliance.inspection.facts import Inspection
from appliance.inspection.inspect import inspect
from appliance.inspection.opened import NoRootError
from appliance.intake.layers import Means
from appliance.intake.received import Received

FEW = 5  # names that are told; the others are counted
CONFIGURATION = ("c", "g")  # kinds of files that are there to be changed, or brought by nobody
LEFT_OUT = "missing"  # such as documentation, which package managers are told to leave out


def whose(given: Received, means: Means) -> tuple[str, ...]:
    """What is to be said of the packages in the appliance that was *given*, a line each; nothing
    of disks without a root, in which nothing is installed."""
    try:
        found = inspect(given, ("system", "packages", "changed"), means=means)
    except NoRootError:
        return ()
    return tuple(said_of(found, listed=given.bundle is not None))


def said_of(found: Inspection, *, listed: bool) -> list[str]:
    """What is to be said of the packages of an inspection; *listed*: a bundle's package list says
    from where each of them came."""
    marks = _marks(found)
    if marks is None or not marks.unmodified or not found.packages:
        return []
    if not listed:
        return ["where the packages came from is known by a bundle's package list alone"]
    name = marks.words[0]
    foreign = [each.name for each in found.packages if name not in each.origin]
    changed = [
        each.path
        for each in found.changed or ()
        if each.kind not in CONFIGURATION and each.marks != LEFT_OUT
    ]
    said = []
    if foreign:
        said.append(f"not of {marks.holder}: {_some(foreign, 'package')}")
    if changed:
        said.append(f"changed in packages of {marks.holder}: {_some(changed, 'file')}")
    if not said:
        said.append(
            f"all {len(found.packages)} packages are unmodified ones of {marks.holder}: "
            f"its name may stay, where its rules say so ({marks.address})"
        )
    return said


def _marks(found: Inspection) -> Marks | None:
    if found.system is None:
        return None
    ids = (found.system.id, *found.system.like)
    return next(
        (family.marks for one in ids for family in FAMILIES if family.marks.like[:1] == (one,)),
        None,
    )


def _some(names: list[str], what: str) -> str:
    told = ", ".join(names[:FEW])
    if len(names) > FEW:
        told += f" and {len(names) - FEW} more"
    return f"{what}{'' if len(names) == 1 else 's'} {told}"
