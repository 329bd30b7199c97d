# SPDX-License-Identifier: BSD-2-Clause
"""The user's terminal as the machine's console: each key goes through at once and unseen, Ctrl-C stays ours."""

from __future__ import annotations

import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def raw_keys() -> Iterator[int | None]:
    """Yields the file descriptor to read keys from, or None if stdin is closed; restores the terminal afterwards."""
    try:
        keys = sys.stdin.fileno()
    except (AttributeError, ValueError):
        yield None
        return
    if not sys.stdin.isatty():
        yield keys
        return
    before = termios.tcgetattr(keys)
    now = termios.tcgetattr(keys)
    now[0] &= ~termios.ICRNL
    now[3] &= ~(termios.ICANON | termios.ECHO)
    try:
        termios.tcsetattr(keys, termios.TCSADRAIN, now)
        yield keys
    finally:
        termios.tcsetattr(keys, termios.TCSADRAIN, before)
