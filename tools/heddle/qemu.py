# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's command line for each machine and way of booting. Pure but for looking at which firmware the host has."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .command_line import for_qemu
from .machines import (AARCH64, AMD64, DEFAULT_CPU, DEFAULT_MEMORY, DEFAULT_SMP, ICOUNT, Machine, cpu_argument)
from .output import HeddleError

_FIRMWARE = {
    AMD64: (("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
            ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd")),
    AARCH64: (("/usr/share/AAVMF/AAVMF_CODE.no-secboot.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
              ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd")),
}


@dataclass(frozen=True)
class Hardware:
    """The machine to boot on, whatever is booted."""
    machine: Machine
    cpu: str = DEFAULT_CPU
    smp: int = DEFAULT_SMP
    memory: str = DEFAULT_MEMORY
    uefi: bool = False             # amd64 only: an ISO on aarch64 always starts from UEFI
    acpi: bool = True              # aarch64 only
    virtualization: bool = False   # aarch64 only: start at EL2
    gic: int = 3                   # aarch64 only: the interrupt controller's version
    icount: bool = False           # repeatable time: a count of instructions
    accelerator: str = "auto"      # auto, tcg, kvm


@dataclass(frozen=True)
class DirectBoot:
    """QEMU itself loads the kernel."""
    kernel: Path
    words: tuple[str, ...]
    archive: Path | None = None


@dataclass(frozen=True)
class IsoBoot:
    iso: Path


def command(hardware: Hardware, boot: DirectBoot | IsoBoot) -> list[str]:
    """The whole command line, the console on stdio."""
    machine = hardware.machine
    parts = [machine.qemu, *_machine(hardware), "-cpu", cpu_argument(machine, hardware.cpu),
             "-smp", str(hardware.smp), "-m", hardware.memory,
             "-display", "none", "-nodefaults", "-no-reboot", "-serial", "stdio", *_exit_device(machine)]
    if hardware.icount:
        parts += ICOUNT
    return parts + (_direct(boot) if isinstance(boot, DirectBoot) else _iso(hardware, boot))


def _machine(hardware: Hardware) -> list[str]:
    if hardware.machine is AMD64:
        kind = "q35"
    else:
        kind = f"virt,gic-version={hardware.gic}"
        kind += "" if hardware.acpi else ",acpi=off"
        kind += ",virtualization=on" if hardware.virtualization else ""
    return ["-machine", kind, "-accel", _accelerator(hardware)]


def _accelerator(hardware: Hardware) -> str:
    wanted = hardware.accelerator
    if wanted == "auto":
        possible = not hardware.icount and kvm_works(hardware.machine)
        wanted = "kvm" if possible else "tcg"
    if wanted == "tcg" and not hardware.icount and hardware.smp > 1:
        return "tcg,thread=multi"
    return wanted


def _exit_device(machine: Machine) -> list[str]:
    if machine is AMD64:
        return ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]
    return ["-semihosting-config", "enable=on,target=native"]


def _direct(boot: DirectBoot) -> list[str]:
    parts = ["-kernel", str(boot.kernel)]
    if boot.archive is not None:
        parts += ["-initrd", str(boot.archive)]
    return parts + ["-append", for_qemu(boot.words)]


def _iso(hardware: Hardware, boot: IsoBoot) -> list[str]:
    parts = firmware(hardware.machine) if hardware.machine is AARCH64 or hardware.uefi else []
    parts += ["-drive", f"if=none,id=iso,media=cdrom,format=raw,readonly=on,file={str(boot.iso).replace(',', ',,')}"]
    if hardware.machine is AMD64:
        return parts + ["-device", "ide-cd,drive=iso,bootindex=0"]
    return parts + ["-device", "virtio-scsi-pci", "-device", "scsi-cd,drive=iso,bootindex=0"]


def firmware(machine: Machine) -> list[str]:
    """The UEFI firmware that is installed; its variables live in a throw-away overlay."""
    for code, variables in _FIRMWARE[machine]:
        if Path(code).is_file() and Path(variables).is_file():
            return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={code}",
                    "-drive", f"if=pflash,format=raw,unit=1,snapshot=on,file={variables}"]
    raise HeddleError(f"no UEFI firmware for {machine.name} is installed: looked for "
                      + ", ".join(code for code, _ in _FIRMWARE[machine]))


@cache
def kvm_works(machine: Machine) -> bool:
    """True if the host's CPU can run this machine and a QEMU with KVM really starts.

    Never on aarch64: the exit status travels by semihosting, which only TCG offers.
    """
    if machine is not AMD64 or platform.machine() != "x86_64" or not Path("/dev/kvm").exists():
        return False
    if not _cpu_flags() & {"vmx", "svm"}:
        return False
    probe = [machine.qemu, "-machine", "q35,accel=kvm", "-display", "none", "-nodefaults", "-S", "-qmp", "stdio"]
    talk = '{"execute":"qmp_capabilities"}{"execute":"quit"}'
    try:
        return subprocess.run(probe, input=talk, text=True, capture_output=True, timeout=5).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _cpu_flags() -> set[str]:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    flags: Iterable[str] = (word for line in text.splitlines() if line.startswith("flags") for word in line.split())
    return set(flags)
