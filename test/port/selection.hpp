// SPDX-License-Identifier: BSD-2-Clause
// What the port has to know of, or change in, the state that doctest's implementation keeps to itself.
#pragma once

namespace doctest {
struct TestCaseData;
}

namespace heddle::test::port {

/// Whether the filters let `data` through, never mind whether it is marked to be skipped. Inside a run only.
bool selected(const doctest::TestCaseData& data);

/// Whether this run only lists the cases. Inside a run only.
bool listing();

/// To be called where a case ends early: when it ended before it reached a subcase that it was run again for,
/// doctest would run it again for ever.
void give_up_hopeless_subcases();

} // namespace heddle::test::port
