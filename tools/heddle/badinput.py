# SPDX-License-Identifier: BSD-2-Clause
"""`heddle check badinput`: boots with bad input and demands a message that names it and a defined end, never a hang."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import boot, vm
from .machines import AMD64, MACHINES, Machine
from .output import result, say
from .paths import BUILD
from .qemu import Hardware

_SECONDS = 60.0
_BLOCK = 512


@dataclass(frozen=True)
class BadInput:
    """One kind of bad input. `message` is a pattern, case ignored, that one console line has to match.

    `end` is how the run has to end: refused (a status other than 0), well (status 0, a warning was enough), or either.
    """
    name: str
    message: str
    archive: Callable[[], bytes] | None = None
    words: tuple[str, ...] = ()
    memory: str = "256M"
    end: str = "refused"


def member(name: bytes, data: bytes = b"heddle\n", *, prefix: bytes = b"", size: int | None = None) -> bytes:
    """A ustar member with a right checksum, whatever its name; tarfile would not write most of these."""
    header = bytearray(_BLOCK)
    header[0:len(name)] = name
    header[100:108] = b"0000644\0"
    header[108:124] = b"0000000\0" * 2
    header[124:136] = b"%011o\0" % (len(data) if size is None else size)
    header[136:148] = b"%011o\0" % 0
    header[156:157] = b"0"
    header[257:265] = b"ustar\x0000"
    header[345:345 + len(prefix)] = prefix
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + data + bytes(-len(data) % _BLOCK)


END = bytes(2 * _BLOCK)


def _garbled() -> bytes:
    return random.Random(1).randbytes(4 * _BLOCK)


def _bad_checksum() -> bytes:
    archive = bytearray(member(b"good") + member(b"victim") + END)
    archive[2 * _BLOCK] ^= 0x20
    return bytes(archive)


INPUTS = (
    BadInput("a truncated archive", "archive.*truncated", lambda: member(b"whole", bytes(4096))[:2048]),
    BadInput("a member larger than the archive", "archive.*huge", lambda: member(b"huge", size=0o77777777777) + END),
    BadInput("a garbled archive", "archive.*(ustar|checksum)", _garbled),
    BadInput("a member with a wrong checksum", "archive.*checksum", _bad_checksum),
    BadInput("a member outside the archive by ..", r"archive.*\.\./secret", lambda: member(b"../secret") + END),
    BadInput("a member with .. in the middle", r"archive.*in/\.\./\.\./secret", lambda: member(b"in/../../secret") + END),
    BadInput("an absolute member", "archive.*/absolute", lambda: member(b"/absolute") + END),
    BadInput("an overlong member", "archive.*long", lambda: member(b"b" * 100, prefix=b"a" * 155) + END),
    BadInput("a duplicate member", "archive.*twice", lambda: member(b"twice") * 2 + END),
    BadInput("an unknown command line key", "exi;.*exit", words=("exi=1",), end="well"),
    BadInput("8 MiB of memory", "memory", memory="8M", end="either"),
)


def badinput(machines: tuple[Machine, ...] = MACHINES) -> tuple[int, int]:
    """Each input on each machine: direct, and on amd64 from the BIOS ISO too; returns (passed, failed)."""
    boot.install(machines, direct=False)
    for machine in machines:
        boot.build_for(machine, ("appliance",))
    good = boot.make_archive()
    passed = failed = 0
    for run, bad in _runs(machines, good):
        complaint = judge(bad, boot.boot(run, vm.Limits(_SECONDS)))
        label = f"{bad.name} on {run.label}"
        if complaint:
            failed += 1
            result(f"bad input: FAILED: {label}: {complaint}")
        else:
            passed += 1
            say(f"bad input: {label}: reported as it should")
    return passed, failed


def _runs(machines: tuple[Machine, ...], good: Path) -> Iterator[tuple[boot.Run, BadInput]]:
    bad_archive = BUILD / "bad-archive.tar"
    for machine in machines:
        for direct in (True, False) if machine is AMD64 else (True,):
            for bad in INPUTS:
                if bad.archive is not None:
                    bad_archive.write_bytes(bad.archive())
                yield boot.Run(Hardware(machine, memory=bad.memory), "appliance", direct, bad.words,
                               bad_archive if bad.archive is not None else good), bad


def judge(bad: BadInput, outcome: vm.Outcome) -> str:
    """What is wrong with how the kernel took it, or nothing."""
    console = "".join(f"\n    {line}" for line in outcome.console[-vm.LAST_LINES:])
    if outcome.status is None:
        return f"no defined end: {outcome.failure}{console}"
    if bad.end != "either" and bad.end != ("refused" if outcome.status else "well"):
        return f"the run ended with status {outcome.status}{console}"
    if not any(re.search(bad.message, line, re.IGNORECASE) for line in outcome.console):
        return f"no message matches '{bad.message}'{console}"
    return ""
