# SPDX-License-Identifier: BSD-2-Clause
"""The guest's status out of QEMU's exit code."""

import context  # noqa: F401
import unittest

from heddle.machines import AARCH64, AMD64, decode_status, describe_failure


class Status(unittest.TestCase):
    def test_every_status_comes_back(self):
        for status in range(64):
            self.assertEqual(decode_status(AMD64, ((0x40 + status) << 1) | 1), status)
            self.assertEqual(decode_status(AARCH64, 0x40 + status), status)

    def test_other_codes_are_no_status(self):
        for code in (0, 1, 2, 126, 128, -6, -9):
            self.assertIsNone(decode_status(AMD64, code), code)
        for code in (0, 1, 63, 128, 255, -11):
            self.assertIsNone(decode_status(AARCH64, code), code)

    def test_a_failure_names_its_kind(self):
        self.assertIn("signal 11", describe_failure(AMD64, -11))
        self.assertIn("without reporting", describe_failure(AARCH64, 0))
        self.assertIn("ended with 1,", describe_failure(AMD64, 1))
