// SPDX-License-Identifier: BSD-2-Clause
// The run's seed and the running case's generator. Needs no kernel: host tests have it, too.
#include "test/floor/random.hpp"

namespace heddle::test {
namespace {

constinit std::uint64_t run_seed = 0;
constinit Random case_random{0};

} // namespace

std::uint64_t seed() {
    return run_seed;
}

Random& random() {
    return case_random;
}

namespace detail {

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
