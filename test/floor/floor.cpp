// SPDX-License-Identifier: BSD-2-Clause
// The run's surroundings and random numbers.
#include "test/floor/floor.hpp"

#include "core/cpu/online.hpp"
#include "core/panic.hpp"
#include "test/floor/background.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/random.hpp"

#include <utility>

namespace heddle::test {
namespace {

constinit Env* the_env = nullptr;
constinit std::uint64_t run_seed = 0;
constinit Random case_random{0};
constinit const char* skip_reason = nullptr;

} // namespace

Env& env() {
    if (the_env == nullptr) {
        core::panic("test::env() before the test image's appliance ran");
    }
    return *the_env;
}

std::uint64_t seed() {
    return run_seed;
}

Random& random() {
    return case_random;
}

void skip(const char* reason) {
    skip_reason = reason;
}

bool have_cpus(std::uint32_t count) {
    if (core::cpu::online_count() >= count) {
        return true;
    }
    skip("it takes more CPUs");
    return false;
}

namespace detail {

const char* take_skip_reason() {
    return std::exchange(skip_reason, nullptr);
}

void set_env(Env& env) {
    the_env = &env;
}

void set_seed(std::uint64_t seed) {
    run_seed = seed;
}

void start_case(std::string_view name) {
    // FNV-1a over the name, so that cases do not draw the same numbers.
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (const char c : name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
    }
    case_random = Random{hash ^ run_seed};
}

} // namespace detail
} // namespace heddle::test
