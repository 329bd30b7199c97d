# SPDX-License-Identifier: BSD-2-Clause
"""Turns program counters of a stopped machine into function + offset, out of the ELF file's symbol table."""

from __future__ import annotations

import bisect
import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

IMAGE_ALIGNMENT = 2 << 20   # src/core/memory/layout.hpp
_LARGEST_IMAGE = 32 << 20   # src/arch/amd64/kernel.ld
_HEAD = 32


class Symbols:
    """The functions of one ELF file. Without the file or without llvm-nm nothing is found, which is no error here.

    `slide` is how far from where it was linked the image runs.
    """

    def __init__(self, elf: Path | None) -> None:
        self._starts: list[int] = []
        self._names: list[str] = []
        self.slide = 0
        self._base, self._head = image_head(elf) if elf is not None and elf.is_file() else (0, b"")
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

    def find_slide(self, addresses: list[int], read: Callable[[int, int], bytes]) -> None:
        """Sets `slide` from where the image's first bytes are found below one of `addresses`, program counters of a
        stopped machine. `read(address, size)` gives what is in memory there, or nothing."""
        for address in addresses:
            at = address & -IMAGE_ALIGNMENT
            for base in range(at, max(at - _LARGEST_IMAGE, 0), -IMAGE_ALIGNMENT):
                if self._head and base >> 47 == 0x1ffff and read(base, len(self._head)) == self._head:
                    self.slide = base - self._base
                    return

    def name(self, address: int) -> str:
        """`function+0x12`, or `?` outside the image."""
        address -= self.slide
        index = bisect.bisect_right(self._starts, address) - 1
        if index < 0 or address - self._starts[index] > 0x100000:
            return "?"
        return f"{self._names[index]}+{address - self._starts[index]:#x}"


def image_head(elf: Path) -> tuple[int, bytes]:
    """Where the first segment of an ELF file was linked, and its first bytes."""
    data = elf.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        return 0, b""
    (headers,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    loads = [load for load in (struct.unpack_from("<IIQQ", data, headers + index * size) for index in range(count))
             if load[0] == 1]
    if not loads:
        return 0, b""
    _, _, offset, base = min(loads, key=lambda load: load[3])
    return base, data[offset:offset + _HEAD]


def memory_words(dump: str) -> bytes:
    """The bytes that QEMU's `x/NNwx` shows; none where it could not read."""
    words = re.findall(r"0x([0-9a-f]{8})\b", re.sub(r"(?m)^[0-9a-f]+:", "", dump))
    return b"".join(int(word, 16).to_bytes(4, "little") for word in words)


def program_counters(registers: str, register: str) -> list[int]:
    """The program counter of each CPU in the text of QEMU's `info registers -a`."""
    return [int(value, 16) for value in re.findall(rf"\b(?:{register})\s*=\s*([0-9a-fA-F]+)", registers)]
