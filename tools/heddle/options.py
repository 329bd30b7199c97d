# SPDX-License-Identifier: BSD-2-Clause
"""Command-line options that several sub-commands share."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from .machines import (AARCH64, AMD64, DEFAULT_APPLIANCE, DEFAULT_CPU, DEFAULT_MEMORY, DEFAULT_SMP, MACHINES, Machine,
                       by_name)
from .output import HeddleError
from .paths import DEFAULT_FILES, ROOT
from .qemu import Hardware


def add_arch(parser: argparse.ArgumentParser, default: str) -> None:
    """--arch; without it, `default`: a machine's name or 'both'."""
    parser.add_argument("--arch", choices=[machine.name for machine in MACHINES],
                        help=f"the machine (default: {default})")
    parser.set_defaults(default_arch=default)


def machines(arguments: argparse.Namespace) -> tuple[Machine, ...]:
    name = arguments.arch or arguments.default_arch
    return MACHINES if name == "both" else (by_name(name),)


def add_hardware(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--smp", type=positive, default=DEFAULT_SMP, metavar="N", help="CPUs (default: %(default)s)")
    parser.add_argument("--memory", type=memory, default=DEFAULT_MEMORY, metavar="SIZE",
                        help="memory, such as 512M or 4G (default: %(default)s)")
    parser.add_argument("--cpu", default=DEFAULT_CPU, metavar="MODEL", help="QEMU's CPU model (default: %(default)s)")
    parser.add_argument("--kernel", action="store_true", help="boot the kernel directly instead of the ISO")
    parser.add_argument("--uefi", action="store_true", help="amd64: boot the ISO with UEFI instead of BIOS")
    parser.add_argument("--no-acpi", action="store_true", help="aarch64: the firmware gives a device tree, no ACPI")
    parser.add_argument("--virtualization", action="store_true", help="aarch64: start at EL2")
    parser.add_argument("--gic", type=int, choices=(2, 3), default=3,
                        help="aarch64: the version of the interrupt controller; 2 has 8 CPUs at most (default: %(default)s)")
    parser.add_argument("--accel", choices=("auto", "tcg", "kvm"), default="auto",
                        help="how QEMU runs the CPU (default: KVM where it works, else TCG)")
    parser.add_argument("--append", default="", metavar='"key=value …"', help="more words for the kernel's command line")
    parser.add_argument("--files", type=Path, default=DEFAULT_FILES, metavar="DIR",
                        help="the directory that becomes the boot archive (default: the project's docs/)")


def add_appliance(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--appliance", type=appliance, default=DEFAULT_APPLIANCE, metavar="NAME",
                        help="which of appliances/ (default: %(default)s)")


def hardware(arguments: argparse.Namespace, machine: Machine, *, icount: bool = False) -> Hardware:
    """The machine that the options describe; options of the other machine are an error when they are all there is."""
    if arguments.uefi and arguments.kernel:
        raise HeddleError("--uefi is a way to boot the ISO and --kernel boots without it: choose one")
    if arguments.uefi and machine is not AMD64 and arguments.arch:
        raise HeddleError("--uefi is for amd64: aarch64's ISO always boots with UEFI")
    if (arguments.no_acpi or arguments.virtualization or arguments.gic != 3) and machine is not AARCH64 and arguments.arch:
        raise HeddleError("--no-acpi, --virtualization and --gic are for aarch64")
    if arguments.gic == 2 and arguments.smp > 8:
        raise HeddleError("--gic 2 has 8 CPUs at most")
    return Hardware(machine, arguments.cpu, arguments.smp, arguments.memory,
                    uefi=arguments.uefi and machine is AMD64, acpi=not arguments.no_acpi,
                    virtualization=arguments.virtualization, gic=arguments.gic, icount=icount, accelerator=arguments.accel)


def appliance(text: str) -> str:
    known = sorted(path.parent.name for path in (ROOT / "appliances").glob("*/meson.build"))
    if text not in known:
        raise argparse.ArgumentTypeError(f"appliances/ has no '{text}'; there are {', '.join(known)}")
    return text


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, not {text}")
    return value


def seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, not {text}")
    return value


def memory(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d*[MG]?", text):
        raise argparse.ArgumentTypeError(f"must be a size such as 512M or 4G, not {text}")
    return text
