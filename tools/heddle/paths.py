# SPDX-License-Identifier: BSD-2-Clause
"""Where things are in the tree and in the build folder."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
CACHE = BUILD / "cache"
DEFAULT_FILES = ROOT / "docs"
BASELINE = ROOT / "bench" / "baseline.json"
CORPORA = ROOT / "test" / "fuzz"


def relative(path: Path) -> str:
    """The path as a user in the project's root would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
