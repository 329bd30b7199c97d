# SPDX-License-Identifier: BSD-2-Clause
"""The system's apt sources, both formats, derived for another architecture and for source packages."""

import context  # noqa: F401
import tempfile
import unittest
from pathlib import Path

from heddle.apt_sources import derive, parse_deb822, parse_one_line, read_system

ONE_LINE = """
# deb http://mirror.invalid/old old main
deb [arch=amd64,i386 signed-by=/usr/share/keyrings/k.gpg] http://mirror.invalid/debian bookworm main contrib # note
deb-src http://mirror.invalid/debian bookworm main
deb http://mirror.invalid/flat ./
"""

DEB822 = """# the system
Types: deb
# a comment inside
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/k.gpg

Types: deb
URIs: http://mirror.invalid/off
Suites: bookworm
Components: main
Enabled: no

types: deb deb-src
URIs: http://mirror.invalid/security
Suites: bookworm-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----
"""


class Reading(unittest.TestCase):
    def test_one_line(self):
        first, second, flat = parse_one_line(ONE_LINE)
        self.assertEqual((first.types, first.suites, first.components), (["deb"], ["bookworm"], ["main", "contrib"]))
        self.assertEqual(first.options, {"Architectures": "amd64 i386", "Signed-By": "/usr/share/keyrings/k.gpg"})
        self.assertEqual(second.types, ["deb-src"])
        self.assertEqual((flat.suites, flat.components), (["./"], []))

    def test_deb822_leaves_out_what_is_disabled(self):
        first, last = parse_deb822(DEB822)
        self.assertEqual(first.suites, ["bookworm", "bookworm-updates"])
        self.assertEqual(last.types, ["deb", "deb-src"])

    def test_the_system_is_both(self):
        with tempfile.TemporaryDirectory() as scratch:
            parts = Path(scratch) / "sources.list.d"
            parts.mkdir()
            (Path(scratch) / "sources.list").write_text(ONE_LINE)
            (parts / "a.sources").write_text(DEB822)
            (parts / "b.list.disabled").write_text(ONE_LINE)
            self.assertEqual(len(read_system(Path(scratch))), 5)


class Deriving(unittest.TestCase):
    def test_binaries_are_foreign_and_sources_are_added(self):
        text = derive(parse_deb822(DEB822)[:1], foreign="arm64", host="amd64")
        binaries, sources = parse_deb822(text)
        self.assertEqual((binaries.types, binaries.options["Architectures"]), (["deb"], "arm64"))
        self.assertEqual((sources.types, "Architectures" in sources.options), (["deb-src"], False))
        for stanza in (binaries, sources):
            self.assertEqual(stanza.options["Signed-By"], "/usr/share/keyrings/k.gpg")

    def test_an_embedded_key_keeps_its_lines(self):
        before = parse_deb822(DEB822)[-1]
        after = parse_deb822(derive([before], foreign="arm64", host="amd64"))[0]
        self.assertEqual(after.options["Signed-By"], before.options["Signed-By"])
        self.assertIn("\n abc\n", after.options["Signed-By"])

    def test_sources_of_other_machines_are_left_out(self):
        text = "deb [arch=i386] http://mirror.invalid/other bookworm main\n"
        self.assertEqual(derive(parse_one_line(text), foreign="arm64", host="amd64"), "")

    def test_no_stanza_twice(self):
        text = "deb http://mirror.invalid/debian bookworm main\n" * 2
        self.assertEqual(derive(parse_one_line(text), foreign="arm64", host="amd64").count("Types: deb\n"), 1)
