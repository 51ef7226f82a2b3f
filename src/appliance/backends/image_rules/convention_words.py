"""Rules of the conventions that look at what an appliance says of itself. An image without a
description breaks none of them: it says nothing."""

from collections.abc import Iterator

from appliance.backends.image_rules.convention_model import Breach, Told
from appliance.bundle.model import EDITIONS


def named(told: Told) -> Iterator[Breach]:
    """Breaches of rule 1.1 of the conventions."""
    if told.bundle is None:
        return
    product = told.bundle.product
    for name in ("name", "vendor", "version", "description"):
        if not getattr(product, name):
            yield Breach(f"product.{name}", f'nothing is said: {name} = "…" in [product]')


def edition(told: Told) -> Iterator[Breach]:
    """Breaches of rule 1.2 of the conventions."""
    if told.bundle and told.bundle.product.conventions not in EDITIONS:
        yield Breach("product.conventions", f"conventions = {EDITIONS[-1]} in [product]")


def ports_are_named(told: Told) -> Iterator[Breach]:
    """Breaches of rule 8.2 of the conventions."""
    for port in told.bundle.product.ports if told.bundle else ():
        if not port.name:
            yield Breach("product.ports", f"what is behind port {port.number}: name in [[port]]")


def machine_is_said(told: Told) -> Iterator[Breach]:
    """Breaches of rule 10.1 of the conventions."""
    if told.bundle is None:
        return
    if not told.bundle.firmware:
        yield Breach("firmware", "no firmware can start it")
    for image in told.bundle.artifacts:
        if not image.sha256:
            yield Breach(image.path, "its digest is not said")
