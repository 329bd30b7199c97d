# SPDX-License-Identifier: BSD-2-Clause
"""A small client of QEMU's machine protocol, for the power button and for looking at a hung machine."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any


class Qmp:
    """A connection, used within a `with` block. Every call may raise OSError: QEMU can be gone at any time."""

    def __init__(self, path: Path, timeout: float = 5.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(str(path))
            self._lines = self._socket.makefile("r", encoding="utf-8")
            self._lines.readline()  # the greeting
            self.execute("qmp_capabilities")
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Qmp:
        return self

    def __exit__(self, *unused: object) -> None:
        self._socket.close()

    def execute(self, command: str, **arguments: Any) -> Any:
        request = {"execute": command} | ({"arguments": arguments} if arguments else {})
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while line := self._lines.readline():
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise OSError(f"QEMU refused {command}: {answer['error'].get('desc')}")
        raise OSError("QEMU closed its control socket")

    def monitor(self, line: str) -> str:
        """A command of the human monitor; returns what it prints."""
        return str(self.execute("human-monitor-command", **{"command-line": line}))
