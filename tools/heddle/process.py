# SPDX-License-Identifier: BSD-2-Clause
"""Runs host programs: quiet when they succeed, everything they said when they fail."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .output import HeddleError


def run(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None,
        timeout: float | None = None, what: str = "") -> str:
    """Runs to the end and returns stdout and stderr together; a failure raises with the whole output."""
    full_env = {**os.environ, **env} if env else None
    try:
        done = subprocess.run(command, cwd=cwd, env=full_env, timeout=timeout, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    except FileNotFoundError:
        raise HeddleError(f"{command[0]} is not installed (needed: {what or 'for this command'})") from None
    except subprocess.TimeoutExpired as late:
        raise HeddleError(f"{what or command[0]} took longer than {late.timeout:.0f} s: {shlex.join(command)}") from None
    if done.returncode != 0:
        raise HeddleError(f"{what or command[0]} failed (status {done.returncode}): {shlex.join(command)}\n{done.stdout}")
    return done.stdout
