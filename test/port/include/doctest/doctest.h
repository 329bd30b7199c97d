// SPDX-License-Identifier: BSD-2-Clause
// Debian's doctest.h, unmodified, configured for the kernel. On top of it, a failed REQUIRE or FAIL ends its
// case, which doctest leaves to exceptions: see test/port/case.hpp for how, and for what does not happen
// then.
#pragma once

#define DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS
#define DOCTEST_CONFIG_NO_MULTITHREADING
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS
#define DOCTEST_CONFIG_USE_STD_HEADERS
#define DOCTEST_CONFIG_GETCURRENTTICKS ::heddle::test::port::microseconds
#define DOCTEST_IS_DEBUGGER_ACTIVE ::heddle::test::port::debugger_active
// There is no debugger to break into.
#define DOCTEST_BREAK_INTO_DEBUGGER() static_cast<void>(0)

#include "test/port/bridge.hpp"

#include_next <doctest/doctest.h>

namespace heddle::test {

[[noreturn]] void end_case(doctest::detail::ResultBuilder& result);
[[noreturn]] void end_case(doctest::detail::MessageBuilder& message);

} // namespace heddle::test

#undef DOCTEST_ASSERT_LOG_REACT_RETURN
#define DOCTEST_ASSERT_LOG_REACT_RETURN(b)                                                                   \
    b.log();                                                                                                 \
    if (b.m_failed && doctest::detail::checkIfShouldThrow(b.m_at)) {                                         \
        ::heddle::test::end_case(b);                                                                         \
    }                                                                                                        \
    DOCTEST_FUNC_SCOPE_RET(!b.m_failed)

#undef DOCTEST_ADD_AT_IMPL
#define DOCTEST_ADD_AT_IMPL(type, file, line, mb, ...)                                                       \
    DOCTEST_FUNC_SCOPE_BEGIN {                                                                               \
        doctest::detail::MessageBuilder mb(file, line, doctest::assertType::type);                           \
        mb* __VA_ARGS__;                                                                                     \
        mb.log();                                                                                            \
        if (mb.m_severity & doctest::assertType::is_require) {                                               \
            ::heddle::test::end_case(mb);                                                                    \
        }                                                                                                    \
    }                                                                                                        \
    DOCTEST_FUNC_SCOPE_END
