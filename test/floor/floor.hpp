// SPDX-License-Identifier: BSD-2-Clause
// What every test may want: cases that expect a panic, seeded random numbers, readable values in failures.
// Nothing here needs a booted kernel; see the headers beside it for what does.
#pragma once

#include "lib/result.hpp"
#include "lib/units.hpp"
#include "test/floor/random.hpp"

#include <doctest/doctest.h>
#include <ostream>
#include <type_traits>

namespace heddle::test {

/// Marks a case that must panic, with `message` in what the panic says: `TEST_CASE("…" * expect_panic("stack
/// smashed"))`.
///
/// It does not run with the others. The run names it (`#test panic`), and the host gives it a boot of its own
/// with `panic_case=1` and compares. A case that comes to its end there has failed.
struct expect_panic {
    constexpr explicit expect_panic(const char* message)
        : message_{message} {}

    void fill(doctest::detail::TestCase& test) const {
        test.m_skip = true;
        test.m_description = message_;
        test.m_expected_failures = mark;
    }

    /// doctest counts failures from 1 and knows no negative number of them.
    static constexpr int mark = -63;

  private:
    const char* message_;
};

/// Says that the running case cannot show anything on this machine, and why: it counts as skipped, not as
/// passed, unless it fails. `reason` is a literal. Runner's thread.
void skip(const char* reason);

namespace detail {

/// The reason of the running case's skip(), or null; forgets it.
const char* take_skip_reason();

inline bool expects_panic(const doctest::TestCaseData& data) {
    return data.m_expected_failures == expect_panic::mark;
}

} // namespace detail
} // namespace heddle::test

namespace heddle {

/// Addresses in hexadecimal, the other units in decimal.
template <class Tag, class Integer>
std::ostream& operator<<(std::ostream& stream, const Quantity<Tag, Integer>& quantity) {
    if constexpr (std::is_same_v<Tag, PhysAddr> || std::is_same_v<Tag, VirtAddr>) {
        return stream << reinterpret_cast<const void*>(quantity.value);
    } else {
        return stream << quantity.value;
    }
}

inline doctest::String toString(Error error) {
    const std::string_view text = to_string(error);
    return {text.data(), static_cast<unsigned>(text.size())};
}

} // namespace heddle
