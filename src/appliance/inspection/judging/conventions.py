"""Judge a finished image, whoever made it, by the conventions for appliances."""

from dataclasses import dataclass

from appliance.backends.image_rules.convention_model import told
from appliance.backends.image_rules.conventions import broken
from appliance.bundle.model import Bundle
from appliance.errors import RequestError
from appliance.inspection.opened import open_image
from appliance.intake.images import Image
from appliance.intake.layers import Means
from appliance.intake.trees.limits import DamagedError


@dataclass(frozen=True)
class Break:
    """A place where an appliance does not go by a rule.

    *rule*: the rule's number. *sentence*: what has to be so.
    *path*: a file of the image, or a field of its description.
    *what*: what is wrong there.
    """

    rule: str
    sentence: str
    path: str
    what: str


@dataclass(frozen=True)
class Followed:
    """How an appliance goes by the conventions.

    *edition*: the one that its description names; 0 for none.
    *breaks*: where it does not.
    *notes*: what could not be looked at.
    """

    edition: int
    breaks: tuple[Break, ...]
    notes: tuple[str, ...]


def judged(image: Image, bundle: Bundle | None, *, means: Means) -> Followed:
    """Judge *image*, with its description *bundle*, if it has one of ours. What only a kernel
    reads, or what is encrypted, is read by *means*.

    Raises what inspection.opened.open_image() does, and RequestError if there is no root of a
    system in it, or one that is damaged.
    """
    with open_image(image, means=means) as sight:
        if sight.root is None:
            raise RequestError(
                f"{image.path.name} has no root of a system that can be read",
                hint="; ".join(sight.notes[:3]),
            )
        try:
            found = tuple(
                Break(rule.number, rule.sentence, breach.path, breach.what)
                for rule, breach in broken(told(sight.root, bundle))
            )
        except DamagedError as error:
            raise RequestError(f"{image.path.name} is damaged: {error}") from error
        edition = bundle.product.conventions if bundle else 0
        return Followed(edition, found, (*sight.notes, *sight.left_out()))
