# SPDX-License-Identifier: BSD-2-Clause
"""The check for SIMD in kernel functions: linked images with known good and known bad functions."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

from context import ROOT

import check_simd

TOOLS = [shutil.which(tool) for tool in ('clang-19', 'ld.lld-19', 'llvm-objdump-19')]
GENERAL = 'long general(long a) { return a * 3; }\n'
SIMD = 'double scale(double a) { return a * 3; }\n'
X87 = 'long double wide(long double a) { return a + a; }\n'


@unittest.skipUnless(all(TOOLS), 'needs clang-19, lld-19, llvm-19')
class LinkedImage(unittest.TestCase):
    def check(self, target, *options, **sources):
        """(exit status, what was said) for an image of these C files."""
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            objects = []
            for name, text in sources.items():
                language = 'c++' if 'inline' in text else 'c'
                (folder / f'{name}.c').write_text(text)
                objects.append(str(folder / f'{name}.o'))
                subprocess.run([TOOLS[0], f'--target={target}', '-O1', '-ffunction-sections', '-x', language, '-c',
                                str(folder / f'{name}.c'), '-o', objects[-1]], check=True)
            image, link_map = str(folder / 'image'), str(folder / 'map')
            subprocess.run([TOOLS[1], '--entry=general', f'--Map={link_map}', *objects, '-o', image], check=True)
            options = [option.format(folder=folder) for option in options]
            done = subprocess.run([str(ROOT / 'tools/check_simd.py'), '--map', link_map, *options, image],
                                  capture_output=True, text=True)
            return done.returncode, done.stderr

    def test_general_registers_pass(self):
        for target in ('x86_64-linux-gnu', 'aarch64-linux-gnu'):
            self.assertEqual(self.check(target, a=GENERAL), (0, ''))

    def test_a_simd_function_is_named(self):
        for target in ('x86_64-linux-gnu', 'aarch64-linux-gnu'):
            status, said = self.check(target, a=GENERAL, b=SIMD)
            self.assertEqual(status, 1)
            self.assertIn('scale', said)
            self.assertNotIn('general (', said)

    def test_x87_is_found(self):
        status, said = self.check('x86_64-linux-gnu', a=GENERAL + X87)
        self.assertEqual(status, 1)
        self.assertIn('wide', said)

    def test_an_owner_may(self):
        self.assertEqual(self.check('aarch64-linux-gnu', '--owner', r'/b\.o$', a=GENERAL, b=SIMD)[0], 0)

    def test_an_owner_excuses_its_own_file_only(self):
        status, said = self.check('x86_64-linux-gnu', '--owner', r'/b\.o$', a=GENERAL + SIMD, b=SIMD.replace('scale', 's'))
        self.assertEqual(status, 1)
        self.assertIn('a.o', said)
        self.assertNotIn('b.o', said)

    def test_an_owner_must_not_provide_what_the_kernel_shares(self):
        inline = '__attribute__((used)) inline long pair(long a) { %s }\n'
        kernel = 'extern "C" ' + GENERAL + inline % 'return a + a;'
        owner = inline % 'volatile double d = 2; d = d * a; return (long)d;'
        options = ('--owner', r'/owner\.o$', '--shared', '{folder}/kernel.o')
        status, said = self.check('x86_64-linux-gnu', *options, owner=owner, kernel=kernel)
        self.assertEqual(status, 1)
        self.assertIn('pair', said)
        self.assertEqual(self.check('x86_64-linux-gnu', *options, kernel=kernel, owner=owner), (0, ''))

    def test_a_function_may_by_name(self):
        self.assertEqual(self.check('x86_64-linux-gnu', '--function', '^scale$', a=GENERAL, b=SIMD)[0], 0)


class Operands(unittest.TestCase):
    def test_lookalikes_are_not_registers(self):
        for mnemonic, operands in (('mrs', 'x0, s3_0_c1_c0_0'), ('b', '0xd8'), ('mov', 'w8, #0xb0'), ('ldr', 'x3, [x2]'),
                                   ('dc', 'cvac, x0'), ('add', 'x0, x1, x2, lsl #3')):
            self.assertFalse(check_simd.uses_unit('aarch64', mnemonic, operands), (mnemonic, operands))
        for mnemonic, operands in (('movq', '%fs:0x28, %rax'), ('callq', '0xffffffff80001000'), ('movl', '%eax, %st_x')):
            self.assertFalse(check_simd.uses_unit('x86-64', mnemonic, operands), (mnemonic, operands))

    def test_every_kind_of_register_is_seen(self):
        for operands in ('q0, [x0]', 'd8, d9', 'v0.16b, v1.16b', 's1', 'z3.d, p0/m, z1.d', 'w0, b7', 'h2'):
            self.assertTrue(check_simd.uses_unit('aarch64', 'x', operands), operands)
        for operands in ('%xmm0, %xmm1', '(%rax), %ymm15', '%mm3', '%st(1)', '%st', '%k1'):
            self.assertTrue(check_simd.uses_unit('x86-64', 'x', operands), operands)
        for mnemonic in ('fldt', 'fxsave64', 'emms', 'ldmxcsr', 'xsaveopt', 'fninit'):
            self.assertTrue(check_simd.uses_unit('x86-64', mnemonic, '(%rax)'), mnemonic)


if __name__ == '__main__':
    unittest.main()
