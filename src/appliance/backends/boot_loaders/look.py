"""How a boot menu looks: what it calls the system, and its colours.

Facts: the GRUB manual, "color_normal" and "Quoting": sixteen colours, of which eight can be behind
letters; double quotes keep all but `$`, `"` and `\\`.
"""

import re
from dataclasses import dataclass

# As VGA text has them (#rrggbb); the first eight can be behind letters.
GRUB_COLOURS = {
    "black": 0x000000, "blue": 0x0000AA, "green": 0x00AA00, "cyan": 0x00AAAA, "red": 0xAA0000,
    "magenta": 0xAA00AA, "brown": 0xAA5500, "light-gray": 0xAAAAAA, "dark-gray": 0x555555,
    "light-blue": 0x5555FF, "light-green": 0x55FF55, "light-cyan": 0x55FFFF,
    "light-red": 0xFF5555, "light-magenta": 0xFF55FF, "yellow": 0xFFFF55, "white": 0xFFFFFF,
}  # fmt: skip
BEHIND = tuple(GRUB_COLOURS)[:8]
SPECIAL = re.compile(r'(["\\$])')


@dataclass(frozen=True)
class MenuLook:
    """How a boot menu looks.

    *title*: what it calls the system.
    *colour*, *background*: of its lines and behind them, as #rrggbb; empty: the usual ones.
    """

    title: str = "Linux"
    colour: str = ""
    background: str = ""

    @property
    def quoted(self) -> str:
        """The title in double quotes, for GRUB."""
        return '"' + SPECIAL.sub(r"\\\1", self.title) + '"'

    def grub_colours(self) -> str:
        """Return the lines of grub.cfg that set the colours nearest to these; empty without any."""
        if not (self.colour or self.background):
            return ""
        behind = _nearest(self.background or "#000000", BEHIND)
        front = _nearest(self.colour or "#ffffff", tuple(GRUB_COLOURS))
        if front == behind:  # nobody could read it
            front = "black" if behind == "light-gray" else "white"
        marked = _nearest(self.colour or "#ffffff", BEHIND)
        letters = behind if marked != behind else front
        return (
            f"set color_normal={front}/{behind}\nset menu_color_normal={front}/{behind}\n"
            f"set menu_color_highlight={letters}/{marked}\n"
        )


PLAIN_LOOK = MenuLook()


def _nearest(colour: str, names: tuple[str, ...]) -> str:
    def distance(name: str) -> int:
        return sum((a - b) ** 2 for a, b in zip(_parts(GRUB_COLOURS[name]), wanted, strict=True))

    wanted = _parts(int(colour[1:], 16))
    return min(names, key=distance)


def _parts(colour: int) -> tuple[int, int, int]:
    return colour >> 16, colour >> 8 & 255, colour & 255
