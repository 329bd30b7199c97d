# SPDX-License-Identifier: BSD-2-Clause
"""What the command says to its user. Progress goes to stderr, so that stdout carries results and the console only."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()


class HeddleError(Exception):
    """Something the user has to know and can act on; shown as one message without a Python traceback."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


def say(message: str) -> None:
    """One line of progress."""
    with _lock:
        sys.stdout.flush()
        print(f"heddle: {message}", file=sys.stderr, flush=True)


def result(text: str) -> None:
    """One line of the result, for people and scripts alike."""
    with _lock:
        print(text, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announces a long piece of work and, if it took noticeable time, how long."""
    say(f"{what} ...")
    start = time.monotonic()
    yield
    elapsed = time.monotonic() - start
    if elapsed >= 2:
        say(f"{what}: done in {elapsed:.0f} s")
