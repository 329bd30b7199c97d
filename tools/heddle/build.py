# SPDX-License-Identifier: BSD-2-Clause
"""Configures and builds with meson and ninja. A folder is configured anew only when its options have changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from . import fetch
from .machines import DEFAULT_APPLIANCE, Machine
from .output import HeddleError, say
from .paths import BUILD, ROOT, relative
from .process import run

_serial = threading.Lock()  # two builds at once would only share the processors


@dataclass(frozen=True)
class Images:
    """The files of one machine that can be booted, and their ELF files with symbols."""
    release: Path
    test: Path

    kernel = property(lambda self: self.release / "heddle.kernel")
    elf = property(lambda self: self.release / "heddle.elf")
    bench_kernel = property(lambda self: self.release / "heddle-bench.kernel")
    bench_elf = property(lambda self: self.release / "heddle-bench.elf")
    test_kernel = property(lambda self: self.test / "heddle-test.kernel")
    test_elf = property(lambda self: self.test / "heddle-test.elf")


def images(machine: Machine, appliance: str = DEFAULT_APPLIANCE) -> Images:
    """Each appliance has a release folder of its own; the suite is the same whatever the appliance."""
    suffix = "" if appliance == DEFAULT_APPLIANCE else f"-{appliance}"
    return Images(BUILD / f"{machine.name}-release{suffix}", BUILD / f"{machine.name}-test")


@dataclass(frozen=True)
class Configuration:
    """One build folder and the meson options that it has."""
    directory: Path
    options: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)


def _cross(machine: Machine) -> tuple[str, ...]:
    return ("--cross-file", str(ROOT / "cross" / f"{machine.name}.ini"), f"-Dlibfdt_dir={fetch.libfdt()}")


def release(machine: Machine, appliance: str = DEFAULT_APPLIANCE) -> Configuration:
    return Configuration(images(machine, appliance).release,
                         (*_cross(machine), "--buildtype=release", "-Db_lto=true", f"-Dappliance={appliance}"))


def test(machine: Machine) -> Configuration:
    return Configuration(images(machine).test, (*_cross(machine), "--buildtype=debugoptimized", "-Dtest_floor=true"))


def host() -> Configuration:
    """Tests that run on the host, under sanitizers, and the fuzzers."""
    compilers = {"CC": "clang-19", "CXX": "clang++-19", "CC_LD": "lld-19", "CXX_LD": "lld-19"}
    return Configuration(BUILD / "host", ("--buildtype=debugoptimized", "-Dhost_tests=true",
                                          f"-Dlibfdt_dir={fetch.libfdt()}"), compilers)


def build(configuration: Configuration, targets: tuple[str, ...] = ()) -> None:
    """Brings the folder up to date; a failure raises with everything that meson or ninja said."""
    with _serial:
        _configure(configuration)
        _ninja(configuration, targets)


def _configure(configuration: Configuration) -> None:
    directory = configuration.directory
    record = directory / "heddle-options.json"
    wanted = json.dumps(configuration.options)
    configured = (directory / "build.ninja").is_file()
    if configured and record.is_file() and record.read_text() == wanted:
        return
    say(f"configuring {relative(directory)}")
    wipe = ["--wipe"] if configured else []
    run(["meson", "setup", *wipe, str(directory), str(ROOT), *configuration.options],
        cwd=ROOT, env=configuration.env, what="meson setup")
    record.write_text(wanted)


def _ninja(configuration: Configuration, targets: tuple[str, ...]) -> None:
    directory = configuration.directory
    jobs = str(os.cpu_count() or 1)
    process = subprocess.Popen(["ninja", "-C", str(directory), "-j", jobs, *targets], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                               env={**os.environ, **configuration.env, "NINJA_STATUS": "[%f/%t] "})
    assert process.stdout is not None
    output: list[str] = []
    progress = _Progress(relative(directory))
    try:
        for line in process.stdout:
            output.append(line)
            progress.line(line)
        status = process.wait()
    finally:
        process.kill()
    progress.end()
    if status != 0:
        raise HeddleError(f"the build of {relative(directory)} failed:\n{_said(output)}", status=1)


def _said(output: list[str]) -> str:
    """ninja's output without the lines of steps that had nothing to say."""
    def is_step(line: str) -> bool:
        return re.match(r"\[\d+/\d+\] ", line) is not None
    following = [*output[1:], "[0/0] "]
    return "".join(line for line, after in zip(output, following) if not (is_step(line) and is_step(after)))


class _Progress:
    """ninja's counter: over itself on a terminal, a line per quarter in a log."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._terminal = sys.stderr.isatty()
        self._quarter = -1
        self._open = False

    def line(self, text: str) -> None:
        match = re.match(r"\[(\d+)/(\d+)\]", text)
        if match is None:
            return
        done, total = int(match[1]), int(match[2])
        if self._terminal:
            print(f"\rheddle: building {self._name}: {done}/{total}\033[K", end="", file=sys.stderr, flush=True)
            self._open = True
        elif total >= 8 and done * 4 // total > self._quarter:
            self._quarter = done * 4 // total
            say(f"building {self._name}: {done}/{total}")

    def end(self) -> None:
        if self._open:
            print(file=sys.stderr)
