# SPDX-License-Identifier: BSD-2-Clause
"""Makes the boot ISO with grub-mkrescue: the kernels, the boot archive, and a grub.cfg out of the template in iso/."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from . import build, fetch
from .command_line import for_grub
from .machines import AARCH64, AMD64, DEFAULT_APPLIANCE, Machine
from .packages import host_debian_architecture
from .paths import ROOT
from .process import run

# What GRUB does on an ISO without a menu when there is no kernel: status 1 through the debug exit where it can, then off.
_GIVE_UP = {AMD64: "outb 0xf4 0x41; halt", AARCH64: "halt"}
ENTRIES = ("appliance", "test", "bench")  # the order of the menu


@dataclass(frozen=True)
class Recipe:
    """What varies from ISO to ISO. `words` go to every entry's kernel; `wait` is how long the menu stays, in seconds."""
    machine: Machine
    archive: Path
    entry: str = "appliance"
    words: tuple[str, ...] = ()
    wait: int = 0
    uefi: bool = False
    appliance: str = DEFAULT_APPLIANCE


def grub_cfg(recipe: Recipe) -> str:
    """The template of the machine with its blanks filled."""
    template = Template((ROOT / "iso" / f"grub-{recipe.machine.name}.cfg").read_text())
    give_up = "sleep 3" if recipe.wait else _GIVE_UP[recipe.machine]
    return template.substitute(default=ENTRIES.index(recipe.entry), timeout=recipe.wait, give_up=give_up,
                               words=for_grub(recipe.words))


def kernels(machine: Machine, appliance: str = DEFAULT_APPLIANCE) -> dict[str, Path]:
    """Every kernel of the menu, under its name on the ISO."""
    images = build.images(machine, appliance)
    return {"heddle.kernel": images.kernel, "heddle-test.kernel": images.test_kernel,
            "heddle-bench.kernel": images.bench_kernel}


def make(recipe: Recipe, destination: Path) -> None:
    """Writes the ISO; kernels that have not been built are left out, and their menu entries then say so."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="heddle-iso-") as scratch:
        top = Path(scratch)
        (top / "boot/grub").mkdir(parents=True)
        (top / "boot/grub/grub.cfg").write_text(grub_cfg(recipe))
        shutil.copy(recipe.archive, top / "boot/archive.tar")
        for name, path in kernels(recipe.machine, recipe.appliance).items():
            if path.is_file():
                shutil.copy(path, top / "boot" / name)
        partial = destination.with_suffix(".partial")
        run(["grub-mkrescue", *_modules(recipe), "-o", str(partial), str(top)], what="grub-mkrescue", timeout=300,
            env={"SOURCE_DATE_EPOCH": "0"})
        os.replace(partial, destination)


def _modules(recipe: Recipe) -> Sequence[str]:
    """grub-mkrescue's options: nothing where the system has GRUB for this machine, else the one platform to use."""
    host = host_debian_architecture()
    if recipe.machine.debian == host:
        return ()
    if recipe.machine is AARCH64:
        return ("-d", str(fetch.grub_modules("grub-efi-arm64-bin", "arm64-efi", "arm64")))
    assert recipe.machine is AMD64
    # grub-mkrescue takes one directory of its user: such an ISO starts either with UEFI or with BIOS.
    if recipe.uefi:
        return ("-d", str(fetch.grub_modules("grub-efi-amd64-bin", "x86_64-efi", "amd64")))
    return ("-d", str(fetch.grub_modules("grub-pc-bin", "i386-pc", "amd64")))
