// SPDX-License-Identifier: BSD-2-Clause
// The appliance of the test image: builds doctest's command line from the kernel's, runs the suites, and ends
// with 0 when something ran and nothing failed.
#include "core/boot/command_line.hpp"
#include "core/machine/machine.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"
#include "test/port/reporter.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

extern "C" {
extern void (*const heddle_init_array_start[])();
extern void (*const heddle_init_array_end[])();
}

namespace heddle {
namespace test::port {
namespace {

HEDDLE_OPTION(doctest_options){
    "doctest.", "doctest.OPTION=VALUE: doctest's --OPTION=VALUE, e.g. doctest.test-case=*frames*"};
HEDDLE_OPTION(seed_option){"seed",
                           "NUMBER: where the tests' random numbers begin; default: another one each boot"};
HEDDLE_OPTION(panic_case_option){"panic_case",
                                 "1: run the case that doctest.test-case names although it is to panic"};

/// doctest registers cases and reporters by constructors; the kernel itself has none.
void run_constructors() {
    for (auto constructor = heddle_init_array_start; constructor != heddle_init_array_end; ++constructor) {
        (*constructor)();
    }
}

bool is_set(const core::boot::CommandLine& command_line, std::string_view key) {
    const auto value = command_line.value(key);
    return value && *value != "0";
}

std::vector<std::string> arguments(const core::boot::CommandLine& command_line) {
    constexpr std::string_view prefix = "doctest.";
    std::vector<std::string> words{"heddle-test", "--no-intro=1"};
    command_line.for_each([&](const core::boot::Assignment& assignment) {
        if (!assignment.key.starts_with(prefix)) {
            return;
        }
        const std::string option = "--" + std::string{assignment.key.substr(prefix.size())};
        // doctest knows flags by their name alone (list-test-cases, count, help); to its other options that
        // says nothing.
        if (!assignment.has_value || assignment.value == "1" || assignment.value == "true") {
            words.push_back(option);
        }
        if (assignment.has_value) {
            words.push_back(option + "=" + std::string{assignment.value});
        }
    });
    // A case that is to panic is marked to be skipped: it runs when it is asked for, and is listed like the
    // others.
    if (is_set(command_line, "panic_case") || is_set(command_line, "doctest.list-test-cases") ||
        is_set(command_line, "doctest.ltc")) {
        words.push_back("--no-skip=1");
    }
    return words;
}

/// Runs doctest; whether it asked for no tests at all (help, lists, counts).
bool run_doctest(const core::boot::CommandLine& command_line) {
    const std::vector<std::string> words = arguments(command_line);
    std::vector<const char*> argv;
    for (const std::string& word : words) {
        argv.push_back(word.c_str());
    }
    doctest::Context context(static_cast<int>(argv.size()), argv.data());
    context.run();
    return context.shouldExit();
}

std::uint64_t chosen_seed(const core::boot::CommandLine& command_line) {
    const auto seed = command_line.number("seed");
    return seed ? *seed : machine::random() & 0xffff'ffff;
}

} // namespace
} // namespace test::port

int appliance_main(Env& env) {
    using namespace test;
    using namespace test::port;
    machine::enable_simd();
    test::detail::set_env(env);
    test::detail::set_seed(chosen_seed(env.command_line()));
    run_constructors();
    const bool only_asked = run_doctest(env.command_line());
    report_done();
    const Tally& counts = tally();
    const bool anything = only_asked || counts.passed + counts.panicking > 0;
    return counts.failed == 0 && anything ? 0 : 1;
}

} // namespace heddle
