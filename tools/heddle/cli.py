# SPDX-License-Identifier: BSD-2-Clause
"""From the command line to the sub-command's function, and from its errors to messages and an exit status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from . import bench, check, clean, debug, fuzz, packages, run, soak, testing, vm
from .output import HeddleError

Adder = Callable[[argparse.ArgumentParser], None]

_COMMANDS: tuple[tuple[str, str, Adder], ...] = (
    ("run", "build and boot the appliance, its console on the terminal; the exit status is the appliance's", run.add_run),
    ("test", "boot the test suite on both machines; the last line is `N passed, N failed`", testing.add_test),
    ("iso", "write heddle-<arch>.iso with a menu: appliance, test suite, benchmarks", run.add_iso),
    ("bench", "count instructions per operation and compare with bench/baseline.json", bench.add_bench),
    ("soak", "everything that must hold, at full count, with a log", soak.add_soak),
    ("fuzz", "fuzz a parser of boot data on the host", fuzz.add_fuzz),
    ("check", "suites that the host drives: bad input, cksum, host tests", check.add_check),
    ("packages", "install the Debian packages of every sub-command (each also installs its own)", packages.add_packages),
    ("debug", "QEMU stopped at its start, gdb attached, symbols loaded", debug.add_debug),
    ("clean", "remove the build folder and the ISOs", clean.add_clean),
)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="./heddle", description="Builds, boots, tests and measures the Heddle unikernel.",
                                  epilog="Missing Debian packages are installed (as root) or named (otherwise).")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, what, add in _COMMANDS:
        add(commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + "."))
    return top


def main(words: list[str]) -> int:
    arguments = parser().parse_args(words)
    vm.install_signal_handlers()
    try:
        return int(arguments.call(arguments))
    except HeddleError as error:
        print(f"heddle: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        print("\nheddle: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
