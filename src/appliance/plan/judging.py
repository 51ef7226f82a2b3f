"""What the finished tree is judged by, and what the image tells of its kickstart."""

from collections.abc import Sequence
from dataclasses import replace

from appliance.backends.families.shell.accounts import KICKSTART
from appliance.recipe.model import Recipe
from appliance.recipe.told_kickstart import told_kickstart
from appliance.steps import Step, layers_of
from appliance.steps.judge_files import JudgeFiles
from appliance.steps.run_script import RunScript

LOGS = ("log", "installer-log")  # rules that the log of a script breaks


def told(recipe: Recipe, *, whole: bool) -> Recipe:
    """Return *recipe* with the kickstart that the image keeps: the *whole*, or what others may
    read."""
    return recipe if whole else replace(recipe, source=told_kickstart(recipe.source))


def judging(recipe: Recipe, layers: Sequence[Step], *, whole_kickstart: bool) -> JudgeFiles:
    """The step that judges the tree that *layers* make. What the author has said in so many words
    is no finding: passwords and keys of users, logs of scripts, the *whole_kickstart*."""
    users = recipe.settings.users
    scripts = (step for step in layers if isinstance(step, RunScript) and step.section)
    logs = dict.fromkeys(place for step in scripts if (place := step.log_in_root()))
    return JudgeFiles(
        layers_of(layers),
        passwords=tuple(user.name for user in users if user.password),
        keys=tuple(user.name for user in users if user.keys),
        asked=(
            *((rule, log) for log in logs for rule in LOGS),
            *((("kickstart", KICKSTART),) if whole_kickstart else ()),
        ),
        secrets=recipe.secrets,
    )
