"""Look for what must not leave the house, while the finished tree is there."""

import json
from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import image_rules
from appliance.backends.image_rules import Background, Judgement
from appliance.codec import decode, encode
from appliance.work import Work
from appliance.work.results import Findings, Layer


@dataclass(frozen=True)
class JudgeFiles:
    """Judge the tree that the layers *after* make by the rules for images that others get.

    *passwords*: the users whose passwords the author has set.
    *keys*: the users to whom the author has given public keys.
    *asked*: files that the author has asked for, each with the rule that speaks of such.
    *secrets*: the secret variables that scripts found, as (name, fingerprint of the value).
    """

    version: ClassVar[int] = 1
    after: tuple[Layer, ...]
    passwords: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()

    @property
    def takes(self) -> tuple[Layer, ...]:
        """Every layer of the root tree."""
        return self.after

    @property
    def gives(self) -> Findings:
        """What was found, as JSON."""
        return Findings()

    def run(self, work: Work) -> None:
        """Judge, and write down what was found; nobody is told before it is known what is
        allowed."""
        builder = work.builder
        background = Background(
            hosts=builder.hosts,
            paths=builder.paths,
            proxies=builder.proxies,
            secrets={f"${{{name}}}": work.secret(name) for name, _ in self.secrets},
            passwords=self.passwords,
            keys=self.keys,
            asked=self.asked,
        )
        found = image_rules.judge(work.tree.files(), image_rules.every_rule(), background)
        work.results.path(self.gives).write_text(json.dumps(encode(found)))


def read_judgement(text: str) -> Judgement:
    """Read what the step JudgeFiles wrote."""
    return decode(Judgement, json.loads(text))
