// SPDX-License-Identifier: BSD-2-Clause
// doctest's implementation, and what the port needs of its state. Compiled with floating point, unlike the
// kernel.
#include "test/port/bridge.hpp"
#include "test/port/selection.hpp"

#define DOCTEST_CONFIG_IMPLEMENT
// doctest's own mistakes; it would construct a std::logic_error only to print it.
#define DOCTEST_INTERNAL_ERROR(message) ::heddle::test::port::fatal("doctest: " message)
#include <doctest/doctest.h>

static_assert(DOCTEST_VERSION == 20409,
              "selected() repeats a decision of doctest 2.4.9: compare it with this version's");

namespace heddle::test::port {

// The same questions as Context::run() asks, which does not tell a reporter why a case is skipped.
bool selected(const doctest::TestCaseData& data) {
    const auto* state = doctest::detail::g_cs;
    const auto& filters = state->filters;
    const bool sensitive = state->case_sensitive;
    const auto passes = [&](const char* text, unsigned wanted, unsigned unwanted) {
        return doctest::matchesAny(text, filters[wanted], true, sensitive) &&
               !doctest::matchesAny(text, filters[unwanted], false, sensitive);
    };
    return passes(data.m_file.c_str(), 0, 1) && passes(data.m_test_suite, 2, 3) && passes(data.m_name, 4, 5);
}

bool listing() {
    return doctest::getContextOptions()->list_test_cases;
}

void give_up_hopeless_subcases() {
    if (!doctest::detail::g_cs->reachedLeaf) {
        doctest::detail::g_cs->nextSubcaseStack.clear();
    }
}

} // namespace heddle::test::port
