# SPDX-License-Identifier: BSD-2-Clause
"""The Debian packages that each sub-command needs, why, and their installation. Never asks, never becomes root by itself."""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .machines import AARCH64, AMD64, Machine
from .output import HeddleError, say

LISTS = Path("/var/lib/apt/lists")
LISTS_FRESH_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Package:
    name: str
    why: str


def host_debian_architecture() -> str:
    """Debian's name of the host's architecture."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def _foreign_headers() -> Package:
    foreign = "amd64" if host_debian_architecture() == "arm64" else "arm64"
    return Package(f"libstdc++-12-dev-{foreign}-cross", f"C++ headers for {foreign}")


def for_build() -> list[Package]:
    return [
        Package("clang-19", "compiler for both machines"),
        Package("lld-19", "linker for both machines"),
        Package("llvm-19", "object tools and symbols"),
        Package("meson", "build system"),
        Package("ninja-build", "runs the build"),
        Package("libstdc++-12-dev", "C++ headers"),
        _foreign_headers(),
        Package("libboost-dev", "intrusive containers"),
        Package("doctest-dev", "the test framework inside the kernel"),
        Package("dpkg-dev", "unpacks libfdt's source package"),
    ]


def for_iso() -> list[Package]:
    packages = [
        Package("grub-common", "makes the ISO bootable"),
        Package("xorriso", "writes the ISO"),
        Package("mtools", "writes the ISO's EFI partition"),
    ]
    if host_debian_architecture() == "amd64":
        packages += [
            Package("grub-pc-bin", "GRUB for amd64 with BIOS"),
            Package("grub-efi-amd64-bin", "GRUB for amd64 with UEFI"),
        ]
    else:
        packages.append(Package("grub-efi-arm64-bin", "GRUB for aarch64"))
    return packages


def for_machine(machine: Machine, *, uefi: bool = False) -> list[Package]:
    """What running this machine needs; aarch64 under an ISO always has UEFI."""
    if machine is AMD64:
        packages = [Package("qemu-system-x86", "the amd64 machine")]
        return packages + ([Package("ovmf", "UEFI for amd64")] if uefi else [])
    assert machine is AARCH64
    return [Package("qemu-system-arm", "the aarch64 machine"), Package("qemu-efi-aarch64", "UEFI for aarch64")]


def for_host_tests() -> list[Package]:
    return [Package("libclang-rt-19-dev", "sanitizers and libFuzzer for tests on the host")]


def for_debug() -> list[Package]:
    return [Package("gdb-multiarch", "the debugger, for both machines")]


def for_ci() -> list[Package]:
    return [Package("clang-format-19", "checks the layout"), Package("clang-tidy-19", "checks the code")]


def everything() -> list[Package]:
    """What every sub-command and CI take together."""
    machines = [package for machine in (AMD64, AARCH64) for package in for_machine(machine, uefi=True)]
    return for_build() + for_iso() + machines + for_host_tests() + for_debug() + for_ci()


def add_packages(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(call=install_everything)


def install_everything(_arguments: argparse.Namespace) -> int:
    ensure(everything())
    say("every package is there")
    return 0


def missing(packages: Iterable[Package]) -> list[Package]:
    """Those not installed, each once, in the order given."""
    unique = {package.name: package for package in packages}
    query = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *unique],
                           stdin=subprocess.DEVNULL, capture_output=True, text=True)
    installed = {line.split()[0] for line in query.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in unique.values() if package.name not in installed]


def is_debian() -> bool:
    return shutil.which("apt-get") is not None and shutil.which("dpkg-query") is not None


def lists_are_stale(lists: Path = LISTS, now: float | None = None) -> bool:
    """True if apt's package lists are missing or older than a day."""
    found = list(lists.glob("*_Packages*")) + list(lists.glob("*_InRelease"))
    if not any("_Packages" in path.name for path in found):
        return True
    newest = max(path.stat().st_mtime for path in [*found, lists])
    return (now if now is not None else time.time()) - newest > LISTS_FRESH_SECONDS


def ensure(packages: Iterable[Package]) -> None:
    """Makes sure that the packages are there: installs them as root, else says what to type. No network if all are."""
    wanted = list(packages)
    if not is_debian():
        _check_tools_elsewhere(wanted)
        return
    absent = missing(wanted)
    if not absent:
        return
    say("these Debian packages are needed and not installed:")
    for package in absent:
        say(f"    {package.name:32} {package.why}")
    install = ["apt-get", "install", "-y", "--no-install-recommends", *(package.name for package in absent)]
    if os.geteuid() != 0:
        raise HeddleError("run this once, then start again:\n"
                          f"    sudo sh -c 'apt-get update && {shlex.join(install)}'")
    _install(install)
    still = missing(wanted)
    if still:
        raise HeddleError("apt-get did not install " + ", ".join(package.name for package in still))


def _install(command: list[str]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if lists_are_stale():
        say("apt-get update (the package lists are missing or older than a day)")
        _apt(["apt-get", "update", "-q"], env)
    say(shlex.join(command))
    _apt([*command, "-q"], env)


def _apt(command: list[str], env: dict[str, str]) -> None:
    """apt-get with its own progress on stderr, as it can take minutes."""
    status = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=2).returncode
    if status != 0:
        raise HeddleError(f"{shlex.join(command)} failed with {status}; its messages are above")


def _check_tools_elsewhere(wanted: list[Package]) -> None:
    """Not a Debian: the tools may be there under other package names, so only their absence is an error."""
    tools = ("clang++-19", "ld.lld-19", "meson", "ninja", "grub-mkrescue", "xorriso",
             "qemu-system-x86_64", "qemu-system-aarch64")
    absent = [tool for tool in tools if shutil.which(tool) is None]
    if absent:
        listing = "\n".join(f"    {package.name:32} {package.why}" for package in wanted)
        raise HeddleError("this is no Debian or Ubuntu, so nothing is installed for you. Not found: "
                          f"{', '.join(absent)}.\nInstall what these Debian packages hold:\n{listing}")
