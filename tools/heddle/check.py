# SPDX-License-Identifier: BSD-2-Clause
"""`heddle check NAME`: suites that the host drives; each ends with `N passed, N failed`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from .badinput import badinput
from .cksum import cksum
from .host_tests import command, host
from .kaslr import kaslr
from .output import result
from .replay import replay
from .tidy import tidy

CHECKS: dict[str, tuple[Callable[[], tuple[int, int]], str]] = {
    "badinput": (badinput, "bad archives, command lines and memory sizes end with a clear message"),
    "cksum": (cksum, "the cksum appliance prints what the host's cksum prints"),
    "command": (command, "unit tests of this command"),
    "host": (host, "core files on the host, under sanitizers"),
    "kaslr": (kaslr, "the image and the arena lie elsewhere at each boot, and the host finds functions all the same"),
    "replay": (replay, "under -icount a stress run on 4 CPUs repeats from its seed"),
    "tidy": (tidy, "clang-tidy's short list over every file"),
}


def add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=sorted(CHECKS), metavar="NAME",
                        help="; ".join(f"{name}: {what}" for name, (_, what) in CHECKS.items()))
    parser.set_defaults(call=check)


def check(arguments: argparse.Namespace) -> int:
    passed, failed = CHECKS[arguments.name][0]()
    result(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1
