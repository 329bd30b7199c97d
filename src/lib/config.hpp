// SPDX-License-Identifier: BSD-2-Clause
// What the build decided, as constants: use `if constexpr`, never the macros behind them.
#pragma once

#include <string_view>

namespace heddle::config {

/// Parts of BEHAVIOUR.md's test floor are compiled in: virtual clock, failing allocations, event log.
#ifdef HEDDLE_TEST_FLOOR
inline constexpr bool test_floor = true;
#else
inline constexpr bool test_floor = false;
#endif

/// Assertions on callers and invariants are checked; on in every test image.
#ifdef HEDDLE_ASSERTIONS
inline constexpr bool assertions = true;
#else
inline constexpr bool assertions = false;
#endif

/// The build's choice of providers (meson option `composition`), of the form `interface=component …`.
#ifdef HEDDLE_COMPOSITION
inline constexpr std::string_view composition = HEDDLE_COMPOSITION;
#else
inline constexpr std::string_view composition = "";
#endif

} // namespace heddle::config
