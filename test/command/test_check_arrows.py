# SPDX-License-Identifier: BSD-2-Clause
"""The check of the arrows between rooms: on this tree, and on made-up ones that break each rule."""

import pathlib
import tempfile
import unittest

from context import ROOT

import check_arrows


class Tree(unittest.TestCase):
    def violations(self, **files):
        """Violations of a tree with these files: `src__core__a_hpp` stands for src/core/a.hpp."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                path = root / '.'.join(name.replace('__', '/').rsplit('_', 1))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return check_arrows.check(root)

    def test_this_tree_has_no_violation(self):
        self.assertEqual(check_arrows.check(ROOT), [])

    def test_this_tree_is_looked_at(self):
        rooms = {check_arrows.room_of(path.relative_to(ROOT))[0] for path in ROOT.glob('src/**/*.cpp')}
        self.assertLessEqual({'lib', 'core', 'dev', 'arch'}, rooms)

    def test_core_may_not_include_dev(self):
        found = self.violations(src__core__a_cpp='#include "lib/x.hpp"\n\n#include "dev/uart/pl011.hpp"\n')
        self.assertEqual(found, ['src/core/a.cpp:3: room core must not include "dev/uart/pl011.hpp"'])

    def test_lib_may_not_include_core(self):
        self.assertEqual(len(self.violations(src__lib__a_hpp='#include "core/panic.hpp"\n')), 1)

    def test_dev_may_include_core_and_lib(self):
        self.assertEqual(self.violations(src__dev__a__b_cpp='#include "core/panic.hpp"\n#include "lib/b.hpp"\n'), [])

    def test_dev_may_not_include_its_sisters(self):
        self.assertEqual(len(self.violations(src__dev__a__b_cpp='#include "ctx/x.hpp"\n#include "linux/y.hpp"\n')), 2)

    def test_arch_may_include_contracts_and_itself_only(self):
        found = self.violations(src__arch__amd64__trap__a_cpp='#include "core/machine/machine.hpp"\n'
                                                              '#include "trap/b.hpp"\n'
                                                              '#include "core/memory/slab.hpp"\n'
                                                              '#include "dev/acpi/fadt.hpp"\n',
                                src__arch__amd64__trap__b_hpp='')
        self.assertEqual([line.split(':')[1] for line in found], ['3', '4'])

    def test_arch_may_not_include_the_other_machine(self):
        found = self.violations(src__arch__amd64__a_cpp='#include "gic/gic.hpp"\n', src__arch__aarch64__gic__gic_hpp='')
        self.assertEqual(len(found), 1)

    def test_an_architecture_conditional_is_found(self):
        found = self.violations(src__core__a_cpp='#ifdef __x86_64__\n#endif\n',
                                test__core__b_cpp='#if defined(HEDDLE) && \\\n    1\n#elif defined(__aarch64__)\n#endif\n')
        self.assertEqual([line.split(': ')[0] for line in found], ['src/core/a.cpp:1', 'test/core/b.cpp:3'])

    def test_arch_may_ask_for_the_architecture(self):
        self.assertEqual(self.violations(src__arch__amd64__a_cpp='#ifdef __x86_64__\n#endif\n'), [])

    def test_libraries_are_wrapped_once(self):
        found = self.violations(src__core__a_cpp='#include <boost/intrusive/list.hpp>\n#include <atomic>\n',
                                src__lib__b_hpp='#include <boost/intrusive/list.hpp>\n')
        self.assertEqual([line.split(': ')[0] for line in found], ['src/core/a.cpp:1'])


if __name__ == '__main__':
    unittest.main()
