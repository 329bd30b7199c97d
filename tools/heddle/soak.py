# SPDX-License-Identifier: BSD-2-Clause
"""`heddle soak`: every row of what must hold, at full count, with a log that names the commit."""

from __future__ import annotations

import argparse
import fnmatch
import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TextIO

from .matrix import FULL_ONLY, ROWS, Row
from .output import HeddleError, result, say
from .paths import BUILD, ROOT, relative


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0


def add_soak(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reduced", action="store_true", help="at the count of CI")
    parser.add_argument("--only", metavar="GLOB", help="only the rows whose name matches")
    parser.add_argument("--list", action="store_true", help="print the rows and their commands")
    parser.set_defaults(call=soak)


def soak(arguments: argparse.Namespace) -> int:
    rows = ROWS if arguments.reduced else ROWS + FULL_ONLY
    rows = tuple(row for row in rows if not arguments.only or fnmatch.fnmatch(row.name, arguments.only))
    if not rows:
        raise HeddleError(f"no row matches '{arguments.only}'; see soak --list")
    if arguments.list:
        for row in rows:
            result(f"{row.name:45} ./heddle {shlex.join(_command(row, arguments.reduced))}")
        return 0
    commit = _commit()
    BUILD.mkdir(exist_ok=True)
    path = BUILD / f"soak-{commit}.log"
    total = Tally()
    failures = []
    with path.open("w") as log:
        _write(log, f"commit {commit}, {'reduced' if arguments.reduced else 'full'} count, {time.strftime('%F %T %z')}")
        for number, row in enumerate(rows, 1):
            say(f"[{number}/{len(rows)}] {row.name}")
            if not _run(row, _command(row, arguments.reduced), log, total):
                failures.append(row.name)
        _write(log, f"{total.passed} passed, {total.failed} failed")
    for name in failures:
        result(f"soak: FAILED: {name}")
    say(f"the log is {relative(path)}")
    result(f"{total.passed} passed, {total.failed} failed")
    return 1 if failures or total.failed else 0


def _command(row: Row, reduced: bool) -> tuple[str, ...]:
    return row.reduced if reduced else row.full


def _run(row: Row, command: tuple[str, ...], log: TextIO, total: Tally) -> bool:
    """Runs one row with its output to the log (and here, if it fails); adds to `total`."""
    started = time.monotonic()
    _write(log, f"\n== {row.name}: ./heddle {shlex.join(command)}")
    with subprocess.Popen([sys.executable, str(ROOT / "heddle"), *command], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        try:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                log.write(line)
                log.flush()
            status = process.wait()
        except BaseException:
            process.terminate()
            raise
    passed, failed = last_count(lines)
    good = status == 0 and failed == 0 and passed > 0
    total.passed += passed
    total.failed += failed if good or failed else 1
    _write(log, f"== status {status} after {time.monotonic() - started:.0f} s")
    say(f"{row.name}: {passed} passed, {failed} failed, {time.monotonic() - started:.0f} s")
    if not good:
        result(f"== {row.name} failed (status {status}): ./heddle {shlex.join(command)}\n{''.join(lines[-60:])}")
    return good


def last_count(lines: list[str]) -> tuple[int, int]:
    """The numbers of the last `N passed, N failed` line."""
    for line in reversed(lines):
        if match := re.fullmatch(r"(\d+) passed, (\d+) failed", line.strip()):
            return int(match[1]), int(match[2])
    return 0, 0


def _write(log: TextIO, line: str) -> None:
    print(line, file=log, flush=True)


def _commit() -> str:
    """The commit that is being tested, marked if the tree differs from it."""
    def git(*words: str) -> str:
        try:
            done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True)
        except FileNotFoundError:
            return ""
        return done.stdout.strip() if done.returncode == 0 else ""
    commit = git("rev-parse", "--short=12", "HEAD") or "unknown"
    return commit + ("-modified" if git("status", "--porcelain") else "")
