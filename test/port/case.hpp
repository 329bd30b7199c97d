// SPDX-License-Identifier: BSD-2-Clause
// One run of one case's function, between doctest and the case: where a failed REQUIRE goes, and what is
// checked around it.
//
// A failed REQUIRE or FAIL (and a CHECK, when doctest.abort-after says so) ends its case at once, in whatever
// function it stands, as an exception would. What it was is reported before. Destructors of doctest's own
// objects run (open subcases, INFO and CAPTURE contexts, the assertion itself), so that further subcases and
// cases are in order; interrupts are on again if they were. Destructors of the case's own objects do NOT run:
// what they hold stays held. The case has failed, and its live counters are not compared; a lock that was
// held stays locked, so do not REQUIRE with a guard in scope. Only the runner's thread may assert, and no
// interrupt handler. A case shares the boot stack with doctest, which leaves it two thirds of the 64 KiB.
#pragma once

namespace doctest {
struct SubcaseSignature;
struct TestCaseData;
} // namespace doctest

namespace heddle::test::port {

/// Puts run_case() between doctest and `data`'s function, until after_case().
void before_case(const doctest::TestCaseData& data);
void after_case();

/// Keeps account of the subcases that are open, for a case that ends early. `signature` is part of the live
/// Subcase.
void subcase_opened(const doctest::SubcaseSignature& signature);
void subcase_closed();

} // namespace heddle::test::port
