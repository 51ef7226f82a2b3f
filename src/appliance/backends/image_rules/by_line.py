"""Tests of files whose lines can be judged one by one."""

import re
from collections.abc import Iterator

from appliance.backends.image_rules.model import Seen, Test

COMMENT = re.compile(r"\s*(?:[#;]|//)")
LONGEST_LINE = 4096  # characters of a line that are looked at


def by_line(
    pattern: "re.Pattern[str]",
    what: str,
    *,
    comments: bool = False,
    harmless: "re.Pattern[str] | None" = None,
) -> Test:
    """Return a test that finds *pattern* in lines, and says *what* of the first that has it. What
    *harmless* finds in the text that was found is none; *comments* are looked at if asked for."""

    def test(seen: Seen) -> Iterator[str]:
        for number, line in seen.lines():
            if not comments and COMMENT.match(line):
                continue
            for found in pattern.finditer(line[:LONGEST_LINE]):
                if harmless is None or not harmless.search(found[0]):
                    yield f"line {number} {what}"
                    return

    return test
