// SPDX-License-Identifier: BSD-2-Clause
// The trampoline around each case, and the way back to it.
#include "test/port/case.hpp"

#include "core/panic.hpp"
#include "machine/cpu.hpp"
#include "test/floor/floor.hpp"
#include "test/floor/live_counters.hpp"
#include "test/port/jump.hpp"
#include "test/port/selection.hpp"

#include <doctest/doctest.h>
#include <memory>
#include <span>

namespace heddle::test {
namespace port {
namespace {

using doctest::IReporter;
using doctest::detail::Subcase;

/// Deeper nesting than any reader would bear.
constexpr unsigned most_open_subcases = 32;

/// The case that runs. Only the runner's thread touches it.
struct Running {
    doctest::detail::TestCase* test = nullptr;
    doctest::detail::funcType function = nullptr;
    bool inside = false;
    bool interrupts = false;
    JumpBuffer way_back{};
    int contexts = 0;
    Subcase* open[most_open_subcases]{};
    unsigned open_count = 0;
};

constinit Running running;

/// Runs the function; whether it came to its own end. One that did not leaves interrupts as it found them.
bool run_function() {
    running.inside = true;
    running.interrupts = machine::interrupts_enabled();
    const bool ended_early = heddle_set_jump(&running.way_back) != 0;
    if (!ended_early) {
        running.function();
    }
    running.inside = false;
    if (ended_early && running.interrupts) {
        machine::enable_interrupts();
    }
    return !ended_early;
}

/// Fails the case at the line where it begins, and lets it go on.
template <class... Arguments>
void fail_case(FormatString<std::type_identity_t<Arguments>...> format, const Arguments&... arguments) {
    char message[256]{};
    BufferWriter writer{std::span{message}.first(sizeof(message) - 1)};
    format_to(writer, format, arguments...);
    const char* const text = message;
    DOCTEST_ADD_FAIL_CHECK_AT(running.test->m_file.c_str(), static_cast<int>(running.test->m_line), text);
}

/// What doctest calls in place of the case's function, once for each way through its subcases.
void run_case() {
    running.open_count = 0;
    running.contexts = IReporter::get_num_active_contexts();
    detail::start_case(running.test->m_name);
    LiveCounters counters;
    if (!run_function()) {
        return;
    }
    if (detail::expects_panic(*running.test)) {
        fail_case("expected a panic with '{}', and nothing happened", running.test->m_description);
    } else if (machine::interrupts_enabled() != running.interrupts) {
        fail_case("interrupts are {} after the case", running.interrupts ? "off" : "on");
        running.interrupts ? machine::enable_interrupts() : machine::disable_interrupts();
    } else if (const auto difference = counters.difference()) {
        fail_case("live counter '{}' is {} after the case, was {} before", difference->name, difference->now,
                  difference->before);
    }
}

/// What unwinding would do to doctest's objects; theirs are the last uses of these objects.
void close_doctest_objects() {
    while (running.open_count > 0) {
        std::destroy_at(running.open[running.open_count - 1]); // calls subcase_closed()
    }
    while (IReporter::get_num_active_contexts() > running.contexts) {
        const auto* const* contexts = IReporter::get_active_contexts();
        auto* newest =
            const_cast<doctest::IContextScope*>(contexts[IReporter::get_num_active_contexts() - 1]);
        std::destroy_at(newest);
    }
}

[[noreturn]] void go_back() {
    if (!running.inside) {
        core::panic("a REQUIRE failed outside of a test case");
    }
    close_doctest_objects();
    give_up_hopeless_subcases();
    heddle_jump(&running.way_back);
}

} // namespace

void before_case(const doctest::TestCaseData& data) {
    // The case is an element of doctest's set, which is ordered by other members.
    running.test =
        const_cast<doctest::detail::TestCase*>(static_cast<const doctest::detail::TestCase*>(&data));
    running.function = running.test->m_test;
    running.test->m_test = run_case;
}

void after_case() {
    running.test->m_test = running.function;
    running.test = nullptr;
}

void subcase_opened(const doctest::SubcaseSignature& signature) {
    if (running.open_count == most_open_subcases) {
        core::panic("more than {} subcases inside each other", most_open_subcases);
    }
    // The signature that reporters are shown is the first member of the Subcase on the case's stack.
    auto* address = const_cast<doctest::SubcaseSignature*>(&signature);
    running.open[running.open_count++] = reinterpret_cast<Subcase*>(address);
}

void subcase_closed() {
    --running.open_count;
}

} // namespace port

void end_case(doctest::detail::ResultBuilder& result) {
    std::destroy_at(&result);
    port::go_back();
}

void end_case(doctest::detail::MessageBuilder& message) {
    std::destroy_at(&message);
    port::go_back();
}

} // namespace heddle::test
