# SPDX-License-Identifier: BSD-2-Clause
"""`heddle check tidy`: clang-tidy's short list over every file that the test images and their parts are compiled from."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import build, packages
from .machines import MACHINES, Machine
from .output import result, step
from .paths import ROOT, relative

_SECONDS = 300


def tidy() -> tuple[int, int]:
    """Clean and unclean files; a file that both machines compile is looked at for the first of them only."""
    packages.ensure(packages.for_build() + packages.for_ci())
    seen: set[Path] = set()
    passed = failed = 0
    for machine in MACHINES:
        build.build(build.test(machine))
        files = [path for path in _sources(machine) if path not in seen]
        seen.update(files)
        with step(f"clang-tidy over {len(files)} files of {machine.name}"), ThreadPoolExecutor(os.cpu_count()) as pool:
            for path, complaint in zip(files, pool.map(lambda path: _complaint(machine, path), files)):
                passed, failed = (passed, failed + 1) if complaint else (passed + 1, failed)
                if complaint:
                    result(f"clang-tidy: {relative(path)}\n{complaint}")
    return passed, failed


def _sources(machine: Machine) -> list[Path]:
    """The C++ files of this tree that are compiled for the machine; unpacked sources of others are not ours to judge."""
    directory = build.images(machine).test
    commands = json.loads((directory / "compile_commands.json").read_text())
    paths = {(Path(command["directory"]) / command["file"]).resolve() for command in commands}
    return sorted(path for path in paths if path.suffix == ".cpp" and path.is_relative_to(ROOT)
                  and not path.is_relative_to(ROOT / "build"))


def _complaint(machine: Machine, path: Path) -> str:
    command = ["clang-tidy-19", "-p", str(build.images(machine).test), "--quiet", str(path)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return f"no end after {_SECONDS} s"
    return "" if done.returncode == 0 else done.stdout + done.stderr
