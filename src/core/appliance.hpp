// SPDX-License-Identifier: BSD-2-Clause
// The contract of the component that boot runs once all others are up.
#pragma once

#include <string_view>

namespace heddle::core {

/// What the machine is for.
class Appliance {
  public:
    static constexpr std::string_view interface_name = "appliance";

    /// Does the work and returns the run's exit status, 0…62. Boot thread, interrupts on.
    virtual int run() = 0;

  protected:
    ~Appliance() = default;
};

} // namespace heddle::core
