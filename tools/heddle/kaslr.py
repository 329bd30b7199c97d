# SPDX-License-Identifier: BSD-2-Clause
"""`heddle check kaslr`: several boots have their image and arena in different places, `nokaslr` has them where they were
linked, a release kernel says nothing of it, and a hung machine's functions are found all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import boot, vm
from .machines import MACHINES, Machine
from .output import result, say
from .qemu import Hardware

_BOOTS = 5
_SECONDS = 60.0
_LINKED = "0xffffffff80000000"
_ARENA = "0xffffc00000000000"
_CASE = "doctest.test-case=the image lies where boot may put it*"


def kaslr(machines: tuple[Machine, ...] = MACHINES) -> tuple[int, int]:
    """On each machine, the plainest CPU model and `max`; returns (passed, failed)."""
    boot.install(machines, direct=True)
    passed = failed = 0
    for machine in machines:
        boot.build_for(machine, ("test", "appliance"))
        for name, complaint in _checks(machine):
            passed, failed = passed + (not complaint), failed + bool(complaint)
            if complaint:
                result(f"kaslr: FAILED: {machine.name}: {name}: {complaint}")
            else:
                say(f"kaslr: {machine.name}: {name}: good")
    return passed, failed


def _checks(machine: Machine) -> Iterator[tuple[str, str]]:
    for cpu in (machine.plain_cpu, "max"):
        yield f"{_BOOTS} boots with {cpu}", _different(_places(machine, cpu) for _ in range(_BOOTS))
    yield "nokaslr", _is(_places(machine, "max", "nokaslr"), (_LINKED, _ARENA))
    first, second = (_places(machine, machine.plain_cpu, icount=True) for _ in range(2))
    yield "two boots under -icount have the same", _is(first, second)
    yield "a release kernel does not tell", _silent(machine)
    yield "a hung machine", _symbolised(machine)


def _run(machine: Machine, entry: str, cpu: str, *words: str, icount: bool = False) -> boot.Run:
    return boot.Run(Hardware(machine, cpu=cpu, smp=1, icount=icount), entry, True, words, boot.make_archive())


def _places(machine: Machine, cpu: str, *words: str, icount: bool = False) -> tuple[str, str]:
    """Where the image and the arena began in one boot of the test kernel, as it says itself; empty if it failed."""
    outcome = boot.boot(_run(machine, "test", cpu, _CASE, *words, icount=icount), vm.Limits(_SECONDS))
    match = re.search(r"image at (0x[0-9a-f]+), arena from (0x[0-9a-f]+)", outcome.text)
    return (match[1], match[2]) if match and outcome.status == 0 else ("", "")


def _different(boots: Iterator[tuple[str, str]]) -> str:
    """Even the weakest source leaves no two of a handful alike, unless something is wrong with the choice."""
    places = list(boots)
    alike = [what for what, seen in zip(("images", "arenas"), map(set, zip(*places))) if len(seen) < len(places) or "" in seen]
    return f"the {' and '.join(alike)} of these boots: {places}" if alike else ""


def _is(found: tuple[str, str], expected: tuple[str, str]) -> str:
    return "" if found == expected and all(found) else f"image and arena at {found}, expected {expected}"


def _silent(machine: Machine) -> str:
    outcome = boot.boot(_run(machine, "appliance", "max"), vm.Limits(_SECONDS))
    told = [line for line in outcome.console if re.search(r"ffff[c-f][0-9a-f]{11}", line)]
    if outcome.status != 0:
        return f"the run failed: status {outcome.status}, {outcome.failure}"
    return f"addresses on the console: {told}" if told else ""


def _symbolised(machine: Machine) -> str:
    """A kernel that waits for ever, in the time limit's report."""
    words = ("doctest.test-case=a CPU that waits for ever*", "panic_case=1", "watchdog=0")
    outcome = boot.boot(_run(machine, "test", "max", *words), vm.Limits(10.0))
    if not outcome.failure.startswith(vm.HUNG):
        return f"it did not hang: status {outcome.status}, {outcome.failure}"
    return "" if "wait_for_ever" in outcome.failure else f"the report does not name wait_for_ever():\n{outcome.failure}"
