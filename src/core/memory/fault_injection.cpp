// SPDX-License-Identifier: BSD-2-Clause
// The test floor's failing allocation, see fault_injection.hpp.
#include "core/memory/fault_injection.hpp"

namespace heddle::core::memory::fault_injection {

bool detail::count_down() {
    if (countdown.fetch_sub(1, std::memory_order_relaxed) != 1) {
        return false;
    }
    detail::fired.store(true, std::memory_order_relaxed);
    return true;
}

void arm(std::uint64_t k) {
    detail::fired.store(false, std::memory_order_relaxed);
    detail::countdown.store(k, std::memory_order_relaxed);
}

bool disarm() {
    detail::countdown.store(0, std::memory_order_relaxed);
    return detail::fired.exchange(false, std::memory_order_relaxed);
}

} // namespace heddle::core::memory::fault_injection
