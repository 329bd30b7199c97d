// SPDX-License-Identifier: BSD-2-Clause
// Random numbers that a seed repeats: `seed=` on the command line, printed at the start and with each
// failure.
#pragma once

#include <cstdint>
#include <string_view>

namespace heddle::test {

/// SplitMix64 (Steele, Lea, Flood 2014): any seed is a good one. Not for secrets.
class Random {
  public:
    constexpr explicit Random(std::uint64_t seed)
        : state_{seed} {}

    constexpr std::uint64_t next() {
        state_ += 0x9e37'79b9'7f4a'7c15;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11eb;
        return mixed ^ (mixed >> 31);
    }

    /// 0 to `limit` - 1; `limit` must not be 0. The bias of the remainder does not matter to tests.
    constexpr std::uint64_t below(std::uint64_t limit) { return next() % limit; }

    /// `low` to `high`, both included.
    constexpr std::uint64_t between(std::uint64_t low, std::uint64_t high) {
        return low + below(high - low + 1);
    }

  private:
    std::uint64_t state_;
};

/// The seed of this run.
std::uint64_t seed();

/// The running case's own generator: begins anew with each way through the case, from the run's seed and the
/// case's name, so that a case alone draws what it draws among the others.
Random& random();

namespace detail {

void set_seed(std::uint64_t seed);
void start_case(std::string_view name);

} // namespace detail
} // namespace heddle::test
