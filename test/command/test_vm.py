# SPDX-License-Identifier: BSD-2-Clause
"""Running a machine, with small scripts in QEMU's place."""

import context  # noqa: F401
import sys
import time
import unittest

from heddle import vm
from heddle.machines import AARCH64, AMD64


def run(machine, script, seconds=20.0, **more):
    return vm.run(machine, [sys.executable, "-c", script], vm.Limits(seconds), **more)


class Ends(unittest.TestCase):
    def test_the_status_of_the_guest(self):
        self.assertEqual(run(AMD64, "raise SystemExit(((0x40 + 5) << 1) | 1)").status, 5)
        self.assertEqual(run(AARCH64, "raise SystemExit(0x40 + 63)").status, 63)

    def test_a_failure_of_qemu_keeps_its_message(self):
        outcome = run(AMD64, "import sys; sys.exit('no such device')")
        self.assertIsNone(outcome.status)
        self.assertIn("no such device", outcome.failure)

    def test_lines_arrive_whole_and_the_last_without_its_end(self):
        lines = []
        script = "import sys; o = sys.stdout; o.write('a'); o.flush(); o.write('b\\r\\n\\x1b[1mc'); o.flush(); sys.exit(64)"
        outcome = run(AARCH64, script, on_line=lines.append)
        self.assertEqual((lines, outcome.console, outcome.status), (["ab", "c"], ["ab", "c"], 0))


class TimeLimit(unittest.TestCase):
    def test_a_hang_ends_with_its_last_lines(self):
        start = time.monotonic()
        outcome = run(AMD64, "import time; print('last words', flush=True); time.sleep(60)", seconds=0.7)
        self.assertLess(time.monotonic() - start, 20)
        self.assertIsNone(outcome.status)
        self.assertIn("no end after 0.7 s", outcome.failure)
        self.assertIn("last words", outcome.failure)

    def test_chatter_does_not_put_it_off(self):
        outcome = run(AMD64, "while True: print('x' * 200)", seconds=0.7)
        self.assertIn("no end after", outcome.failure)
