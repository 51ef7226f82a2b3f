"""Ask a running QEMU: its machine protocol, as far as it is needed here."""

import json
import socket
import time
from pathlib import Path
from typing import Any

from appliance.errors import BootError

PATIENCE = 60.0  # seconds, for QEMU to open its socket and for each answer


class Qmp:
    """One conversation over QEMU's socket (docs/interop/qmp-spec). Events are passed over."""

    def __init__(self, path: Path) -> None:
        self._socket = _connect(path)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        try:
            self._answer()  # the greeting
            self.ask("qmp_capabilities")
        except BaseException:
            self.close()
            raise

    def ask(self, order: str, **arguments: Any) -> Any:
        """Send one command and return its result. Raises BootError if QEMU refuses or is gone."""
        words = {"execute": order, "arguments": arguments}
        try:
            self._socket.sendall(json.dumps(words).encode() + b"\n")
            return self._answer()
        except OSError as error:
            raise BootError(f"QEMU does not answer to {order}: {error}") from None

    def close(self) -> None:
        """End the conversation; QEMU goes on."""
        self._lines.close()
        self._socket.close()

    def _answer(self) -> Any:
        for line in self._lines:
            said = json.loads(line)
            if "error" in said:
                raise BootError(f"QEMU refuses: {said['error']['desc']}")
            if "return" in said or "QMP" in said:
                return said.get("return")
        raise BootError("QEMU is gone")


def _connect(path: Path) -> socket.socket:
    end = time.monotonic() + PATIENCE
    while True:
        talk = socket.socket(socket.AF_UNIX)
        talk.settimeout(PATIENCE)
        try:
            talk.connect(str(path))
            return talk
        except OSError as error:
            talk.close()
            if time.monotonic() > end:
                raise BootError(f"QEMU opens no control socket: {error}") from None
            time.sleep(0.05)
