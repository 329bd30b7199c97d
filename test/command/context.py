# SPDX-License-Identifier: BSD-2-Clause
"""Puts the command's package on the import path; every test imports this first."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
