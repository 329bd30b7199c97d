# SPDX-License-Identifier: BSD-2-Clause
"""The `heddle` command, one module per concern; `cli` is where a command line becomes a call."""
