# SPDX-License-Identifier: BSD-2-Clause
"""The two machines and every default that a virtual machine starts from; nowhere else holds one."""

from __future__ import annotations

from dataclasses import dataclass

from .output import HeddleError

DEFAULT_APPLIANCE = "cksum"
DEFAULT_MEMORY = "256M"
DEFAULT_SMP = 1
DEFAULT_TIMEOUT = 120.0
STATUS_BASE = 0x40
STATUS_PANIC = 63
ICOUNT = ("-icount", "shift=0,sleep=off", "-seed", "1", "-rtc", "base=2024-01-01T00:00:00,clock=vm")


@dataclass(frozen=True)
class Machine:
    name: str
    qemu: str
    debian: str         # Debian's name of the architecture
    plain_cpu: str      # the plainest model that must work, and the one that is measured
    program_counter: str # how QEMU's `info registers` names it; a pattern


AMD64 = Machine("amd64", "qemu-system-x86_64", "amd64", "qemu64", "RIP|EIP")
AARCH64 = Machine("aarch64", "qemu-system-aarch64", "arm64", "cortex-a53", "PC")
MACHINES = (AMD64, AARCH64)
DEFAULT_CPU = "max"


def by_name(name: str) -> Machine:
    for machine in MACHINES:
        if machine.name == name:
            return machine
    raise HeddleError(f"no machine '{name}'; there are {', '.join(m.name for m in MACHINES)}")


def cpu_argument(machine: Machine, model: str) -> str:
    """QEMU's -cpu value. On aarch64 `max` signs pointers with the cheap algorithm: QARMA5 emulated costs minutes."""
    return "max,pauth-impdef=on" if machine is AARCH64 and model == "max" else model


def decode_status(machine: Machine, code: int) -> int | None:
    """The guest's status 0-63 out of QEMU's exit code, or None if QEMU's end was not the guest's doing.

    amd64's isa-debug-exit reports (value << 1) | 1, aarch64's semihosting exit the value itself; value is 0x40 + status.
    """
    if machine is AMD64:
        if code < 0 or code % 2 == 0:
            return None
        code >>= 1
    status = code - STATUS_BASE
    return status if 0 <= status <= 63 else None


def describe_failure(machine: Machine, code: int) -> str:
    """Why an exit code of QEMU is not a status of the guest."""
    if code < 0:
        return f"machine failure: {machine.qemu} was ended by signal {-code}"
    if code == 0:
        return f"machine failure: the {machine.name} machine powered off or reset without reporting a status"
    return f"machine failure: {machine.qemu} ended with {code}, which is no status of the guest"
