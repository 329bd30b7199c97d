# SPDX-License-Identifier: BSD-2-Clause
"""`heddle check replay`: under -icount a run of the stress case on 4 CPUs repeats from its seed, event for event."""

from __future__ import annotations

import re

from . import boot, vm
from .machines import MACHINES, Machine
from .output import result, say
from .qemu import Hardware

_SECONDS = 300.0
_CPUS = 4
_STEPS = 200


def replay(machines: tuple[Machine, ...] = MACHINES) -> tuple[int, int]:
    """Seed 1 twice, then seed 2, on each machine; returns (passed, failed)."""
    boot.install(machines, direct=True)
    passed = failed = 0
    for machine in machines:
        boot.build_for(machine, ("test",))
        complaint = judge([(seed, _hash(machine, seed)) for seed in (1, 1, 2)])
        passed, failed = passed + (not complaint), failed + bool(complaint)
        if complaint:
            result(f"replay: FAILED: {machine.name}: {complaint}")
        else:
            say(f"replay: {machine.name}: a seed repeats its run, another one does not")
    return passed, failed


def judge(runs: list[tuple[int, str]]) -> str:
    """What is wrong with the hashes of (seed, hash) pairs, or nothing: the same for the same seed and only then."""
    if any(not found for _, found in runs):
        return f"a run did not come to its end: {runs}"
    for seed, found in runs:
        for other, compared in runs:
            if (seed == other) != (found == compared):
                return f"seeds {seed} and {other} gave {found} and {compared}"
    return ""


def _hash(machine: Machine, seed: int) -> str:
    hardware = Hardware(machine, cpu=machine.plain_cpu, smp=_CPUS, icount=True)
    words = ("doctest.test-case=stress*", f"seed={seed}", f"doctest.rand-seed={seed}", f"stress={_STEPS}")
    outcome = boot.boot(boot.Run(hardware, "test", True, words, boot.make_archive()), vm.Limits(_SECONDS))
    match = re.search(rf"stress: seed={seed} cpus={_CPUS} steps={_STEPS} hash=(0x[0-9a-f]+)", outcome.text)
    return match[1] if match and outcome.status == 0 else ""
