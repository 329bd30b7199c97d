// SPDX-License-Identifier: BSD-2-Clause
// A doctest listener beside doctest's own reporters: it writes the protocol's lines, and tells the port what
// happens.
#include "test/port/reporter.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/panic.hpp"
#include "core/watchdog/watchdog.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"
#include "test/port/case.hpp"
#include "test/port/selection.hpp"

#include <doctest/doctest.h>
#include <string_view>

namespace heddle::test::port {
namespace {

constinit Tally counts;

/// One line of the protocol, in one write, so that log lines do not come between its parts.
template <class... Arguments>
void line(FormatString<std::type_identity_t<Arguments>...> format, const Arguments&... arguments) {
    char buffer[1024];
    BufferWriter writer{buffer};
    format_to(writer, format, arguments...);
    env().console().write(writer.text());
}

/// The line of a case is written with the event after its end: doctest's own reporters come after the
/// listeners, and what they say about the end still belongs to the case.
struct OwedLine {
    const char* name = nullptr;
    std::string_view result;
    int assertions = 0;
    Nanoseconds duration;
};

constinit OwedLine owed;
constinit Nanoseconds began;

void print_owed_line() {
    if (owed.name == nullptr) {
        return;
    }
    if (owed.result == "fail") {
        line("seed={}\n", seed());
    }
    line("#test end {} {} {}|{}\n", owed.result, owed.assertions, owed.duration.value, owed.name);
    owed.name = nullptr;
}

/// The suite that the case names; else where its file lies under test/: "core/memory/frames" for
/// …/frames_test.cpp.
std::string_view suite_of(const doctest::TestCaseData& data) {
    if (data.m_test_suite != nullptr && *data.m_test_suite != '\0') {
        return data.m_test_suite;
    }
    std::string_view file{data.m_file.c_str()};
    constexpr std::string_view root = "test/";
    constexpr std::string_view ending = "_test.cpp";
    if (const auto at = file.rfind(root); at != std::string_view::npos) {
        file.remove_prefix(at + root.size());
    }
    if (file.ends_with(ending)) {
        file.remove_suffix(ending.size());
    }
    return file;
}

/// doctest's state knows one thread: a handler leaves what it saw to the case that waits for it.
void check_context() {
    if (core::cpu::in_interrupt()) {
        core::panic("an assertion in an interrupt handler: let it record, and assert in the case");
    }
}

class Listener final : public doctest::IReporter {
  public:
    explicit Listener(const doctest::ContextOptions&) {}

    void report_query(const doctest::QueryData& query) override {
        if (!listing()) {
            return;
        }
        for (unsigned i = 0; i < query.num_data; ++i) {
            line("#test case {}|{}\n", suite_of(*query.data[i]), query.data[i]->m_name);
            ++counts.skipped;
        }
    }

    void test_run_start() override { line("seed={}\n", seed()); }

    void test_run_end(const doctest::TestRunStats&) override { print_owed_line(); }

    void test_case_start(const doctest::TestCaseData& data) override {
        print_owed_line();
        line("#test begin {}|{}\n", suite_of(data), data.m_name);
        began = env().now();
        owed.name = data.m_name;
        core::watchdog::begin_work(data.m_name);
        before_case(data);
    }

    void test_case_reenter(const doctest::TestCaseData&) override {}

    void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
        core::watchdog::end_work();
        after_case();
        const char* const skipped = detail::take_skip_reason();
        if (skipped != nullptr) {
            line("skipped: {}\n", skipped);
        }
        owed.result = !stats.testCaseSuccess ? "fail" : skipped != nullptr ? "skip" : "pass";
        owed.assertions = stats.numAssertsCurrentTest;
        owed.duration = env().now() - began;
        ++(owed.result == "pass" ? counts.passed : owed.result == "skip" ? counts.skipped : counts.failed);
    }

    void test_case_exception(const doctest::TestCaseException&) override {}

    void subcase_start(const doctest::SubcaseSignature& signature) override { subcase_opened(signature); }

    void subcase_end() override { subcase_closed(); }

    void log_assert(const doctest::AssertData&) override { check_context(); }

    void log_message(const doctest::MessageData&) override { check_context(); }

    void test_case_skipped(const doctest::TestCaseData& data) override {
        if (!selected(data) || !data.m_skip) {
            return;
        }
        print_owed_line();
        if (detail::expects_panic(data)) {
            line("#test panic {}|{}\n", data.m_name, data.m_description);
            ++counts.panicking;
        } else {
            line("#test begin {}|{}\n", suite_of(data), data.m_name);
            line("#test end skip 0 0|{}\n", data.m_name);
            ++counts.skipped;
        }
    }
};

DOCTEST_REGISTER_LISTENER("heddle", 0, Listener);

} // namespace

const Tally& tally() {
    return counts;
}

void report_done() {
    print_owed_line();
    line("#test done {} {} {}\n", counts.passed, counts.failed, counts.skipped);
}

} // namespace heddle::test::port
