# SPDX-License-Identifier: BSD-2-Clause
"""The boot archive: a ustar file of a directory, the same bytes for the same files."""

from __future__ import annotations

import tarfile
from pathlib import Path

from .output import HeddleError

EPOCH = 0  # every member's time: an archive says what is in it, not when it was made


def _member(path: Path, name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mtime = EPOCH
    info.mode = 0o755 if path.is_dir() else 0o644
    if path.is_dir():
        info.type = tarfile.DIRTYPE
    else:
        info.size = path.stat().st_size
    return info


def write(directory: Path, destination: Path) -> int:
    """Writes every regular file and directory below `directory`, sorted by name; returns the number of files.

    Symbolic links to files are stored as what they point to. A name that ustar cannot hold is an error that names it.
    """
    if not directory.is_dir():
        raise HeddleError(f"--files: {directory} is not a directory")
    files = 0
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(destination, "w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(directory.rglob("*"), key=lambda each: each.relative_to(directory).as_posix()):
            info = _member(path, path.relative_to(directory).as_posix())
            try:
                if path.is_dir():
                    archive.addfile(info)
                elif path.is_file():
                    with path.open("rb") as data:
                        archive.addfile(info, data)
                    files += 1
            except ValueError as error:
                raise HeddleError(f"{path}: does not fit into a ustar archive: {error}") from None
    return files
