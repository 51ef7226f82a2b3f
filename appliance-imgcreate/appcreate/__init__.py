"""Where appliance-tools 1 had its creator."""

from imgcreate.appliance import ApplianceImageCreator

__all__ = ["ApplianceImageCreator"]
