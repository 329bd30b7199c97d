// SPDX-License-Identifier: BSD-2-Clause
// main() of the tests of the libc subset. Apart from them, because they are compiled with libc's names
// redefined.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
