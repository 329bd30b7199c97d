# SPDX-License-Identifier: BSD-2-Clause
"""Runs one QEMU: relays its console, holds it to a time limit, says where a hung one stands, and always ends it."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .machines import Machine, decode_status, describe_failure
from .output import HeddleError, say
from .qmp import Qmp
from .symbols import Symbols, memory_words, program_counters
from .terminal import raw_keys

HUNG = "machine failure: no end"  # how the failure of a run that took too long begins
LAST_LINES = 20
_CLOSED_SECONDS = 30
_LINE_WIDTH = 300  # GRUB draws its whole menu in one line


class _Live:
    """The QEMUs that are running, so that an interrupt of the main thread reaches those of the others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._ending = False

    def add(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._processes.add(process)
            if self._ending:
                process.kill()

    def remove(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        with self._lock:
            self._processes.discard(process)

    def end_all(self) -> None:
        """Ends every QEMU, also those started from now on."""
        with self._lock:
            self._ending = True
            for process in self._processes:
                process.kill()


live = _Live()


@dataclass
class Outcome:
    """How a run ended. `status` is the guest's; if it is None, `failure` says what became of the machine."""
    console: list[str] = field(default_factory=list)
    status: int | None = None
    failure: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.console)


@dataclass(frozen=True)
class Limits:
    """What a run may do. Without `seconds` it ends by itself or by its user (interactive runs only)."""
    seconds: float | None
    interactive: bool = False


def plain(line: str) -> str:
    """A console line without terminal control sequences and carriage returns."""
    return re.sub(r"\x1b\[[0-9;?=]*[A-Za-z]|\x1b[()][0-9A-Z]|\x1b[cDEHM78=>]|[\r\x00\x08]", "", line)


def run(machine: Machine, command: list[str], limits: Limits, *, elf: Path | None = None,
        on_line: Callable[[str], None] | None = None) -> Outcome:
    """Boots and waits for the end. `on_line` sees each complete console line; an interactive run's go to stdout as bytes."""
    with tempfile.TemporaryDirectory(prefix="heddle-vm-") as scratch:
        control = Path(scratch) / "qmp"
        complaints = Path(scratch) / "stderr"
        with complaints.open("wb") as errors:
            try:
                process = subprocess.Popen([*command, "-qmp", f"unix:{control},server=on,wait=off"],
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                           start_new_session=True)
            except FileNotFoundError:
                raise HeddleError(f"{command[0]} is not installed") from None
        live.add(process)
        try:
            return _Run(machine, process, limits, control, elf, on_line, complaints).until_end()
        finally:
            live.remove(process)


class _Run:
    """The state of one run while it lasts."""

    def __init__(self, machine: Machine, process: subprocess.Popen[bytes], limits: Limits, control: Path,
                 elf: Path | None, on_line: Callable[[str], None] | None, complaints: Path) -> None:
        self._machine, self._process, self._limits = machine, process, limits
        self._control, self._elf, self._on_line, self._complaints = control, elf, on_line, complaints
        self._deadline = time.monotonic() + limits.seconds if limits.seconds is not None else None
        self._outcome = Outcome()
        self._partial = b""
        self._interrupts = 0

    def until_end(self) -> Outcome:
        if not self._limits.interactive:
            self._pump(None)
        else:
            with raw_keys() as keys:
                self._pump_through_interrupts(keys)
        try:
            self._process.wait(timeout=_CLOSED_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            self._outcome.failure = "machine failure: QEMU closed its console and did not end"
        self._finish()
        return self._outcome

    def _pump_through_interrupts(self, keys: int | None) -> None:
        """The first Ctrl-C presses the power button, the second ends QEMU."""
        while True:
            try:
                return self._pump(keys)
            except KeyboardInterrupt:
                self._interrupts += 1
                if self._interrupts > 1:
                    self._outcome.failure = "stopped by the user"
                    self._process.kill()
                else:
                    self._press_power_button()

    def _press_power_button(self) -> None:
        say("asking the appliance to stop; Ctrl-C once more ends the machine")
        try:
            with Qmp(self._control) as qmp:
                qmp.execute("system_powerdown")
        except OSError as error:
            say(f"the power button could not be pressed: {error}")

    def _pump(self, keys: int | None) -> None:
        """Moves bytes until the console closes or time is up."""
        assert self._process.stdout is not None
        console = self._process.stdout.fileno()
        sources = [console] + ([keys] if keys is not None else [])
        while True:
            wait = None if self._deadline is None else self._deadline - time.monotonic()
            if wait is not None and wait <= 0:
                return self._hang()
            ready, _, _ = select.select(sources, [], [], wait)
            if keys is not None and keys in ready and not self._type(keys):
                sources.remove(keys)
                keys = None
            if console in ready:
                data = os.read(console, 65536)
                if not data:
                    return
                self._console(data)

    def _type(self, keys: int) -> bool:
        """Sends what was typed to the console; False at the end of the input."""
        data = os.read(keys, 4096)
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError:
            return False
        return bool(data)

    def _console(self, data: bytes) -> None:
        if self._limits.interactive:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._line(line)

    def _line(self, line: bytes) -> None:
        text = plain(line.decode(errors="replace"))
        self._outcome.console.append(text)
        if self._on_line is not None:
            self._on_line(text)

    def _hang(self) -> None:
        """Time is up: says what was last heard and where each CPU stands, then ends QEMU."""
        where = self._where()
        self._process.kill()
        last = deque([*self._outcome.console, plain(self._partial.decode(errors="replace"))], maxlen=LAST_LINES)
        self._outcome.failure = (f"{HUNG} after {self._limits.seconds:g} s; the last console lines:\n"
                                 + "".join(f"    {line[:_LINE_WIDTH]}\n" for line in last) + where)

    def _where(self) -> str:
        try:
            with Qmp(self._control) as qmp:
                qmp.execute("stop")
                registers = qmp.monitor("info registers -a")
                symbols = Symbols(self._elf)
                counters = program_counters(registers, self._machine.program_counter)
                symbols.find_slide(counters, lambda address, size: memory_words(qmp.monitor(f"x/{size // 4}wx {address:#x}")))
        except (OSError, ValueError) as error:
            return f"  the CPUs could not be asked: {error}"
        return "\n".join(f"  CPU {index}: {counter:#x} {symbols.name(counter)}" for index, counter in enumerate(counters))

    def _finish(self) -> None:
        if self._partial:
            self._line(self._partial)
        if self._outcome.failure:
            return
        code = self._process.returncode
        self._outcome.status = decode_status(self._machine, code)
        if self._outcome.status is None:
            said = self._complaints.read_text(errors="replace").strip()
            self._outcome.failure = describe_failure(self._machine, code) + (f"\n{said}" if said else "")


def install_signal_handlers() -> None:
    """SIGTERM and SIGHUP unwind like Ctrl-C, so that no QEMU is left behind."""
    def unwind(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)
    signal.signal(signal.SIGTERM, unwind)
    signal.signal(signal.SIGHUP, unwind)
