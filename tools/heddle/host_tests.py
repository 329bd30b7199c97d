# SPDX-License-Identifier: BSD-2-Clause
"""`heddle check host`: the core files compiled for the host, under sanitizers, and the tests of this command itself."""

from __future__ import annotations

import re
import subprocess
import sys
import unittest
from pathlib import Path

from . import build, packages
from .output import result, say
from .paths import BUILD, ROOT, relative

_SECONDS = 300


def host() -> tuple[int, int]:
    """Builds and runs every host test binary; returns (passed, failed) test cases."""
    packages.ensure(packages.for_build() + packages.for_host_tests())
    build.build(build.host())
    passed = failed = 0
    binaries = sorted(path for path in (BUILD / "host").rglob("*test*") if _is_test(path))
    for binary in binaries:
        one_passed, one_failed = _run(binary)
        passed, failed = passed + one_passed, failed + one_failed
    if not binaries:
        result("host tests: the build made no test program")
        failed += 1
    return passed, failed


def _is_test(path: Path) -> bool:
    return path.is_file() and path.stat().st_mode & 0o100 != 0 and path.suffix == ""


def _run(binary: Path) -> tuple[int, int]:
    say(f"host tests: {relative(binary)}")
    try:
        done = subprocess.run([str(binary)], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        result(f"{relative(binary)}: no end after {_SECONDS} s")
        return 0, 1
    passed, failed = doctest_counts(done.stdout)
    if done.returncode != 0:
        result(done.stdout)
        failed = max(failed, 1)
    elif passed == 0:
        result(f"{relative(binary)}: no test case ran\n{done.stdout}")
        failed = 1
    return passed, failed


def doctest_counts(output: str) -> tuple[int, int]:
    """Passed and failed test cases out of doctest's summary line."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    match = re.search(r"test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed", plain)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def command() -> tuple[int, int]:
    """The unit tests of the command, in this process."""
    suite = unittest.defaultTestLoader.discover(str(ROOT / "test/command"), top_level_dir=str(ROOT / "test/command"))
    outcome = unittest.TextTestRunner(stream=sys.stderr, verbosity=1).run(suite)
    failed = len(outcome.failures) + len(outcome.errors)
    return outcome.testsRun - failed - len(outcome.skipped), failed if outcome.testsRun else 1
