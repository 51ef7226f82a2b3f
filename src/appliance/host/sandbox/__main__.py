"""The program that appliance.host.sandbox describes; see there."""

import json
import sys
from pathlib import Path

if __spec__ is None or not __spec__.parent:  # started by the name of this directory
    sys.path[:1] = []
    sys.path.append(str(Path(__file__).resolve().parents[3]))

from appliance.host.sandbox.jail import enter_jail
from appliance.host.sandbox.kernel import REFUSED, RefusalError
from appliance.host.sandbox.namespace import enter_build
from appliance.host.sandbox.tools import enter_tools


def main() -> int:
    """Enter what the command line names."""
    words = sys.argv[1:]
    split = words.index("--")
    program = words[split + 1 :]
    try:
        if words[0] == "build":
            return enter_build(program)
        if words[0] == "tools":
            return enter_tools(words[1], words[2:split], program)
        return enter_jail(json.loads(words[1]), program)
    except (RefusalError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
