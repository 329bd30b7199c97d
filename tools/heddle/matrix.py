# SPDX-License-Identifier: BSD-2-Clause
"""What has to hold, as a table: each row is a `heddle` command line at CI's reduced count and at full count.

.ci/run takes the first, `heddle soak` the second. A later promise is one more row.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    name: str
    reduced: tuple[str, ...]
    full: tuple[str, ...]


def _row(name: str, command: str, full: str = "", reduced: str = "") -> Row:
    """A row that is `command` with `reduced` or with `full` behind it."""
    words = tuple(shlex.split(command))
    return Row(name, words + tuple(shlex.split(reduced)), words + tuple(shlex.split(full)))


def _variant(name: str, command: str, full: str = "") -> Row:
    """A row of the suite on a variant of a machine: at reduced count without the boots for cases that panic."""
    return _row(f"test: {name}", f"test {command}", full, "--skip-panics")


_TWENTY = "--repeat 20"

ROWS = (
    _row("command: unit tests", "check command"),
    _row("host: core files under sanitizers", "check host"),
    _row("test: both machines, ISO, 4 CPUs", "test --smp 4 --report build/report.xml", _TWENTY),
    _row("test: a filter with blanks gets through GRUB",
         "test --filter 'a failed REQUIRE fails its case and ends it' --skip-panics"),
    _row("test: amd64, direct, 1 CPU, qemu64", "test --arch amd64 --kernel --cpu qemu64", _TWENTY),
    _variant("amd64, direct, 2 CPUs, qemu64", "--arch amd64 --kernel --cpu qemu64 --smp 2", _TWENTY),
    _variant("amd64, direct, 8 CPUs, max", "--arch amd64 --kernel --cpu max --smp 8", _TWENTY),
    _variant("amd64, ISO, 4 CPUs, qemu64", "--arch amd64 --cpu qemu64 --smp 4", _TWENTY),
    _variant("amd64, ISO, UEFI, 4 CPUs", "--arch amd64 --uefi --smp 4", _TWENTY),
    _variant("amd64, -icount, 4 CPUs", "--arch amd64 --kernel --cpu qemu64 --icount --smp 4", _TWENTY),
    _variant("amd64, direct, 64 of 128 CPUs", "--arch amd64 --kernel --smp 128 --timeout 600"),
    _variant("amd64, direct, 64 MiB", "--arch amd64 --kernel --memory 64M"),
    _variant("amd64, ISO, 64 MiB", "--arch amd64 --memory 64M"),
    _variant("amd64, ISO, 16 GiB", "--arch amd64 --memory 16G"),
    _row("test: aarch64, direct, 1 CPU, cortex-a53", "test --arch aarch64 --kernel --cpu cortex-a53", _TWENTY),
    _variant("aarch64, direct, 2 CPUs, cortex-a53", "--arch aarch64 --kernel --cpu cortex-a53 --smp 2", _TWENTY),
    _variant("aarch64, direct, 8 CPUs, max", "--arch aarch64 --kernel --cpu max --smp 8", _TWENTY),
    _variant("aarch64, direct, 4 CPUs, GICv2", "--arch aarch64 --kernel --gic 2 --smp 4", _TWENTY),
    _variant("aarch64, direct, 4 CPUs, started at EL2", "--arch aarch64 --kernel --virtualization --smp 4"),
    _row("test: aarch64, -icount, 4 CPUs, started at EL2: SErrors at every instruction of entry and exit",
         "test --arch aarch64 --kernel --virtualization --icount --smp 4 --cpu cortex-a53 --skip-panics --filter '*ENT-02*'"),
    _variant("aarch64, ISO, 4 CPUs, cortex-a53, GICv2", "--arch aarch64 --cpu cortex-a53 --gic 2 --smp 4", _TWENTY),
    _variant("aarch64, ISO, 4 CPUs, acpi=off", "--arch aarch64 --no-acpi --smp 4", _TWENTY),
    _variant("aarch64, -icount, 4 CPUs", "--arch aarch64 --kernel --cpu cortex-a53 --icount --smp 4", _TWENTY),
    _variant("aarch64, direct, 64 of 128 CPUs", "--arch aarch64 --kernel --smp 128 --timeout 600"),
    _variant("aarch64, direct, 64 MiB", "--arch aarch64 --kernel --memory 64M"),
    _variant("aarch64, ISO, 128 MiB", "--arch aarch64 --memory 128M"),
    _variant("aarch64, ISO, 16 GiB", "--arch aarch64 --memory 16G"),
    *(_row(f"test: user mode fuzzed, {arch}, {cpu}", f"test --arch {arch} --kernel --cpu {cpu} --smp 4 --skip-panics --filter *ENT-10*",
           "--timeout 3600 --append fuzz=1000000", "--append fuzz=20000")
      for arch, cpu in (("amd64", "qemu64"), ("amd64", "max"), ("aarch64", "cortex-a53"), ("aarch64", "max"))),
    _row("appliance: cksum equals the host's", "check cksum"),
    _row("bad input", "check badinput"),
    _row("the image's place is drawn at each boot", "check kaslr"),
    _row("stress under -icount repeats from its seed", "check replay"),
    _row("stress on 4 CPUs", "test --kernel --smp 4 --filter 'stress*' --skip-panics", "--append stress=20000 --timeout 600"),
    _row("stress on 8 CPUs", "test --kernel --smp 8 --filter 'stress*' --skip-panics", "--append stress=20000 --timeout 600"),
    _row("benchmarks against the baseline", "bench"),
    _row("fuzzers", "fuzz --all", "--seconds 600"),
)

# Only at full count: the numbers of CPUs and the models that no row above has, and memory sizes in between.
FULL_ONLY = tuple(
    _row(f"test: {arch}, direct, -smp {count}, {model}",
         f"test --arch {arch} --kernel --cpu {model} --smp {count} --skip-panics {_TWENTY}")
    for arch, plain in (("amd64", "qemu64"), ("aarch64", "cortex-a53"))
    for model, counts in ((plain, (4, 8)), ("max", (1, 2, 4)))
    for count in counts
) + tuple(
    _row(f"test: both machines, direct, {size}", f"test --kernel --memory {size}")
    for size in ("128M", "256M", "512M", "1G", "2G", "3G", "4G", "5G", "8G", "16G")
)
