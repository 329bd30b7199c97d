# SPDX-License-Identifier: BSD-2-Clause
"""`heddle clean`: removes what the command has made."""

from __future__ import annotations

import argparse
import shutil

from .output import say
from .paths import BUILD, CACHE, ROOT, relative


def add_clean(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="the downloaded packages too (they need the network again)")
    parser.set_defaults(call=clean)


def clean(arguments: argparse.Namespace) -> int:
    for path in [*(BUILD.iterdir() if BUILD.is_dir() else []), *ROOT.glob("heddle-*.iso")]:
        if path == CACHE and not arguments.all:
            continue
        say(f"removing {relative(path)}")
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return 0
