# SPDX-License-Identifier: BSD-2-Clause
"""Prepares what is booted: packages, builds, boot archive, ISO; common to run, test, bench and the checks."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import archive, build, iso, packages, qemu, vm
from .machines import DEFAULT_APPLIANCE, Machine
from .paths import BUILD, DEFAULT_FILES
from .qemu import DirectBoot, Hardware, IsoBoot

EXIT_WORD = "exit=debug"  # the kernel reports its status to QEMU instead of switching the machine off


_RELEASE_TARGETS = {"appliance": ("heddle.kernel",), "bench": ("heddle-bench.kernel", "heddle.kernel")}
_TEST_TARGETS = ("heddle-test.kernel",)


@dataclass(frozen=True)
class Run:
    """One boot: the hardware, which kernel (an entry of the ISO's menu), how, and with what."""
    hardware: Hardware
    entry: str = "appliance"
    direct: bool = False
    words: tuple[str, ...] = ()
    archive: Path | None = None
    appliance: str = DEFAULT_APPLIANCE

    @property
    def label(self) -> str:
        return f"{self.hardware.machine.name} {'direct' if self.direct else 'iso'}"


def install(machines: tuple[Machine, ...], *, direct: bool, uefi: bool = False) -> None:
    """Makes sure of every package that building for and booting these machines takes."""
    wanted = packages.for_build() + ([] if direct else packages.for_iso())
    for machine in machines:
        wanted += packages.for_machine(machine, uefi=uefi)
    packages.ensure(wanted)


def build_for(machine: Machine, entries: tuple[str, ...], appliance: str = DEFAULT_APPLIANCE) -> None:
    """Builds the kernels of these menu entries; a benchmark's figures include the appliance image's size."""
    targets = tuple(target for entry in entries for target in _RELEASE_TARGETS.get(entry, ()))
    if targets:
        build.build(build.release(machine, appliance), targets)
    if "test" in entries:
        build.build(build.test(machine), _TEST_TARGETS)


@cache
def _scratch() -> Path:
    """A directory of this process in the build folder; removed at its end."""
    BUILD.mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="scratch-", dir=BUILD))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def make_archive(directory: Path = DEFAULT_FILES, destination: Path | None = None) -> Path:
    """The boot archive of a directory."""
    destination = destination or _scratch() / "archive.tar"
    archive.write(directory, destination)
    return destination


def kernel(run: Run) -> tuple[Path, Path]:
    """The file that is booted and the ELF file with its symbols."""
    images = build.images(run.hardware.machine, run.appliance)
    return {"appliance": (images.kernel, images.elf), "test": (images.test_kernel, images.test_elf),
            "bench": (images.bench_kernel, images.bench_elf)}[run.entry]


def command(run: Run, iso_file: Path) -> list[str]:
    """QEMU's command line for this run; `iso_file` matters only if it is from an ISO."""
    if run.direct:
        file, _ = kernel(run)
        return qemu.command(run.hardware, DirectBoot(file, (*run.words, EXIT_WORD), run.archive))
    return qemu.command(run.hardware, IsoBoot(iso_file))


def boot(run: Run, limits: vm.Limits, on_line: Callable[[str], None] | None = None,
         iso_file: Path | None = None) -> vm.Outcome:
    """Makes the ISO if the run is from one, and boots."""
    machine = run.hardware.machine
    _, elf = kernel(run)
    destination = iso_file or _scratch() / f"{machine.name}-{run.entry}.iso"
    if not run.direct:
        assert run.archive is not None
        iso.make(iso.Recipe(machine, run.archive, run.entry, (*run.words, EXIT_WORD), uefi=run.hardware.uefi,
                            appliance=run.appliance),
                 destination)
    return vm.run(machine, command(run, destination), limits, elf=elf, on_line=on_line)
