"""The entry point of the program `sandbox`, whose commands appliance.host.sandbox describes."""

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
    """Enter the namespace, jail or root that the command line names, and run its program there;
    return the program's exit status, or REFUSED if the host does not allow it."""
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
