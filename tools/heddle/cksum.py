# SPDX-License-Identifier: BSD-2-Clause
"""`heddle check cksum`: the appliance's output is compared with the host's `cksum` of the same files, on both machines."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from . import boot, vm
from .machines import MACHINES, Machine
from .output import result, say
from .paths import DEFAULT_FILES
from .qemu import Hardware

_SECONDS = 120.0


def cksum(machines: tuple[Machine, ...] = MACHINES) -> tuple[int, int]:
    """One case per machine and way of booting."""
    boot.install(machines, direct=False)
    expected = host_lines(DEFAULT_FILES)
    archive = boot.make_archive(DEFAULT_FILES)
    passed = failed = 0
    for machine in machines:
        boot.build_for(machine, ("appliance",))
        for direct in (True, False):
            run = boot.Run(Hardware(machine), "appliance", direct, archive=archive)
            say(f"cksum on {run.label}")
            outcome = boot.boot(run, vm.Limits(_SECONDS))
            complaint = compare(expected, outcome)
            passed, failed = (passed, failed + 1) if complaint else (passed + 1, failed)
            if complaint:
                result(f"cksum on {run.label}: FAILED: {complaint}\n{outcome.text}")
    return passed, failed


def host_lines(directory: Path) -> set[str]:
    """What the host's cksum prints, with names as they are in the archive."""
    names = sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())
    done = subprocess.run(["cksum", *names], cwd=directory, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def compare(expected: set[str], outcome: vm.Outcome) -> str:
    """What is wrong with the appliance's run, or nothing."""
    if outcome.status != 0:
        return outcome.failure or f"exit status {outcome.status}"
    printed = {line.strip() for line in outcome.console if re.fullmatch(r"\d+ \d+ \S.*", line.strip())}
    if missing := expected - printed:
        return f"not printed: {sorted(missing)}"
    if extra := printed - expected:
        return f"not the host's: {sorted(extra)}"
    return ""
