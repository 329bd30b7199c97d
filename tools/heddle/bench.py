# SPDX-License-Identifier: BSD-2-Clause
"""`heddle bench`: instructions per operation by QEMU's -icount, compared with the figures kept in bench/baseline.json."""

from __future__ import annotations

import argparse
import json
import struct
from pathlib import Path

from . import boot, options, vm
from .build import images
from .machines import Machine
from .output import HeddleError, result, say, step
from .paths import BASELINE, relative
from .protocol import bench_figures
from .qemu import Hardware

Figures = dict[str, dict[str, int]]

TOLERANCE = 0.01
LOADED_LIMIT = 200 * 1024
BOOT_LIMIT = 1_000_000
LIMITS = {"loaded_bytes": LOADED_LIMIT, "boot_to_appliance": BOOT_LIMIT, "null_syscall": 90, "interrupt_entry_exit": 120}
_SECONDS = 300.0


def add_bench(parser: argparse.ArgumentParser) -> None:
    options.add_arch(parser, "both")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write {machine: {name: figure}}")
    parser.add_argument("--update", action="store_true", help="make these figures the new baseline")
    parser.set_defaults(call=bench)


def bench(arguments: argparse.Namespace) -> int:
    machines = options.machines(arguments)
    boot.install(machines, direct=True)
    figures: Figures = {}
    for machine in machines:
        boot.build_for(machine, ("bench",))
        figures[machine.name] = measure(machine)
    baseline: Figures = json.loads(BASELINE.read_text()) if BASELINE.is_file() else {}
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    if arguments.update:
        BASELINE.parent.mkdir(exist_ok=True)
        BASELINE.write_text(json.dumps(baseline | figures, indent=2, sort_keys=True) + "\n")
        say(f"wrote {relative(BASELINE)}")
        baseline = baseline | figures
    for line in table(figures, baseline):
        result(line)
    complaints = compare(figures, baseline)
    for complaint in complaints:
        result(f"bench: {complaint}")
    checks = sum(len(of_machine) for of_machine in figures.values())
    result(f"{max(checks - len(complaints), 0)} passed, {len(complaints)} failed")
    return 1 if complaints else 0


def measure(machine: Machine) -> dict[str, int]:
    """Boots the benchmark kernel under -icount and adds the size of the release kernel."""
    hardware = Hardware(machine, cpu=machine.plain_cpu, memory="256M", smp=1, icount=True)
    with step(f"{machine.name}: measuring"):
        outcome = boot.boot(boot.Run(hardware, "bench", True, ("nokaslr",), boot.make_archive()), vm.Limits(_SECONDS))
    figures, complete = bench_figures(outcome.console)
    if not complete or not figures or outcome.status != 0:
        raise HeddleError(f"the benchmarks of {machine.name} did not come to their end (status {outcome.status}):\n"
                          f"{outcome.text}\n{outcome.failure}", status=1)
    return figures | {"loaded_bytes": loaded_bytes(images(machine).elf)}


def loaded_bytes(elf: Path) -> int:
    """What the ELF file's PT_LOAD segments load: the sum of their sizes in the file."""
    data = elf.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        raise HeddleError(f"{relative(elf)} is no little-endian 64-bit ELF file")
    (offset,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    headers = (struct.unpack_from("<IIQQQQQQ", data, offset + index * size) for index in range(count))
    return sum(header[5] for header in headers if header[0] == 1)


def compare(figures: Figures, baseline: Figures) -> list[str]:
    """Complaints: a figure more than 1 % worse, one that is missing, one without a baseline, one beyond its limit."""
    complaints = []
    for machine, measured in figures.items():
        kept = baseline.get(machine, {})
        for name, old in kept.items():
            if name not in measured:
                complaints.append(f"{machine} {name}: not measured any more (baseline {old})")
            elif measured[name] > old * (1 + TOLERANCE):
                complaints.append(f"{machine} {name}: {measured[name]}, worse than the baseline {old} by more than 1 %")
        complaints += [f"{machine} {name}: has no baseline (./heddle bench --update)" for name in measured if name not in kept]
        complaints += [f"{machine} {name}: {measured[name]} is above the limit of {limit}"
                       for name, limit in LIMITS.items() if measured.get(name, 0) > limit]
    return complaints


def table(figures: Figures, baseline: Figures) -> list[str]:
    """One row per figure: its value on each machine and how it stands to the baseline."""
    names = list(dict.fromkeys(name for of_machine in figures.values() for name in of_machine))
    width = max(map(len, names))
    lines = [f"{'':{width}}" + "".join(f"  {machine:>22}" for machine in figures)]
    for name in names:
        cells = (_cell(figures[machine].get(name), baseline.get(machine, {}).get(name)) for machine in figures)
        lines.append(f"{name:{width}}" + "".join(f"  {cell:>22}" for cell in cells))
    return lines


def _cell(value: int | None, kept: int | None) -> str:
    if value is None:
        return "-"
    if not kept:
        return f"{value}         "
    return f"{value} {100 * (value - kept) / kept:+7.2f}%"
