# SPDX-License-Identifier: BSD-2-Clause
"""`heddle debug`: QEMU stopped before its first instruction, gdb-multiarch attached, symbols loaded."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from . import boot, options, packages
from .command_line import split_words
from .output import say

_GDB_ARCHITECTURE = {"amd64": "i386:x86-64", "aarch64": "aarch64"}


def add_debug(parser: argparse.ArgumentParser) -> None:
    options.add_arch(parser, "amd64")
    options.add_hardware(parser)
    options.add_appliance(parser)
    parser.add_argument("--test", action="store_true", help="the test image instead of the appliance's")
    parser.add_argument("--command", action="append", default=[], metavar="COMMAND", help="a command for gdb; may repeat")
    parser.add_argument("--batch", action="store_true", help="gdb ends after its commands")
    parser.set_defaults(call=debug)


def debug(arguments: argparse.Namespace) -> int:
    """Boots the kernel directly, where it was linked, so that gdb's symbols are right. The console goes to a file that gdb's user can follow; the status is gdb's."""
    machine = options.machines(arguments)[0]
    packages.ensure(packages.for_debug())
    boot.install((machine,), direct=True)
    entry = "test" if arguments.test else "appliance"
    boot.build_for(machine, (entry,), arguments.appliance)
    run = boot.Run(options.hardware(arguments, machine), entry, True, ("nokaslr", *split_words(arguments.append)),
                   boot.make_archive(arguments.files), arguments.appliance)
    _, elf = boot.kernel(run)
    with tempfile.TemporaryDirectory(prefix="heddle-debug-") as scratch:
        return _attach(run, elf, Path(scratch), arguments)


def _attach(run: boot.Run, elf: Path, scratch: Path, arguments: argparse.Namespace) -> int:
    port, console = scratch / "gdb", scratch / "console"
    command = boot.command(run, scratch / "unused.iso")
    command[command.index("-serial") + 1] = f"file:{console}"
    command += ["-S", "-gdb", f"unix:{port},server=on,wait=off"]
    qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    say(f"the console is in {console} (tail -f {console})")
    try:
        commands = [f"set architecture {_GDB_ARCHITECTURE[run.hardware.machine.name]}", "set pagination off",
                    "set confirm off", f"target remote {port}", *arguments.command]
        gdb = ["gdb-multiarch", "-q", "-nx", *(["-batch"] if arguments.batch else [])]
        for line in commands:
            gdb += ["-ex", line]
        _wait_for(port, qemu)
        return subprocess.run([*gdb, str(elf)], stdin=subprocess.DEVNULL if arguments.batch else None).returncode
    finally:
        qemu.kill()
        qemu.wait()
        if arguments.batch and console.is_file():
            print(console.read_text(errors="replace"), end="")


def _wait_for(port: Path, qemu: subprocess.Popen[bytes]) -> None:
    """gdb does not wait for a socket that is not there yet; QEMU makes it within a fraction of a second."""
    for _ in range(100):
        if port.exists() or qemu.poll() is not None:
            return
        try:
            qemu.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
