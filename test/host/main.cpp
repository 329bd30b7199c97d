// SPDX-License-Identifier: BSD-2-Clause
// doctest's own main for every test program of the host, and the seed of their random numbers: HEDDLE_SEED,
// printed with each failure.
#include "test/floor/random.hpp"

#include <cstdlib>
#include <random>

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

namespace {

class Seeding final : public doctest::IReporter {
  public:
    explicit Seeding(const doctest::ContextOptions& options)
        : options_{options} {}

    void test_run_start() override {
        const char* text = std::getenv("HEDDLE_SEED");
        heddle::test::detail::set_seed(text != nullptr ? std::strtoull(text, nullptr, 0)
                                                       : std::random_device{}());
    }

    void test_case_start(const doctest::TestCaseData& test) override {
        heddle::test::detail::start_case(test.m_name);
    }

    void test_case_reenter(const doctest::TestCaseData& test) override {
        heddle::test::detail::start_case(test.m_name);
    }

    void test_run_end(const doctest::TestRunStats& stats) override {
        if (stats.numTestCasesFailed != 0) {
            *options_.cout << "HEDDLE_SEED=" << heddle::test::seed() << " repeats this run\n";
        }
    }

    void report_query(const doctest::QueryData&) override {}

    void test_case_end(const doctest::CurrentTestCaseStats&) override {}

    void test_case_exception(const doctest::TestCaseException&) override {}

    void subcase_start(const doctest::SubcaseSignature&) override {}

    void subcase_end() override {}

    void log_assert(const doctest::AssertData&) override {}

    void log_message(const doctest::MessageData&) override {}

    void test_case_skipped(const doctest::TestCaseData&) override {}

  private:
    const doctest::ContextOptions& options_;
};

REGISTER_LISTENER("seeding", 1, Seeding);

} // namespace
