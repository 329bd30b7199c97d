# SPDX-License-Identifier: BSD-2-Clause
"""Turns program counters of a stopped machine into function + offset, out of the ELF file's symbol table."""

from __future__ import annotations

import bisect
import re
import shutil
import subprocess
from pathlib import Path


class Symbols:
    """The functions of one ELF file. Without the file or without llvm-nm nothing is found, which is no error here."""

    def __init__(self, elf: Path | None) -> None:
        self._starts: list[int] = []
        self._names: list[str] = []
        nm = shutil.which("llvm-nm-19")
        if elf is None or nm is None or not elf.is_file():
            return
        listing = subprocess.run([nm, "--numeric-sort", "--demangle", "--defined-only", str(elf)],
                                 capture_output=True, text=True, stdin=subprocess.DEVNULL)
        for line in listing.stdout.splitlines():
            match = re.match(r"([0-9a-f]+) [tTwW] (.+)", line)
            if match:
                self._starts.append(int(match[1], 16))
                self._names.append(match[2])

    def name(self, address: int) -> str:
        """`function+0x12`, or `?` outside the image."""
        index = bisect.bisect_right(self._starts, address) - 1
        if index < 0 or address - self._starts[index] > 0x100000:
            return "?"
        return f"{self._names[index]}+{address - self._starts[index]:#x}"


def program_counters(registers: str, register: str) -> list[int]:
    """The program counter of each CPU in the text of QEMU's `info registers -a`."""
    return [int(value, 16) for value in re.findall(rf"\b(?:{register})\s*=\s*([0-9a-fA-F]+)", registers)]
