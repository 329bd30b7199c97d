// SPDX-License-Identifier: BSD-2-Clause
// Wraps `appliance_main` of the linked appliance as a component, and gathers what it may use into its Env.
#include "core/appliance.hpp"

#include "core/component/wiring.hpp"
#include "core/console/console.hpp"
#include "core/env.hpp"

#include <optional>

namespace heddle::core {
namespace {

class LinkedAppliance final : public Appliance {
  public:
    explicit LinkedAppliance(const Env& env)
        : env_{env} {}

    int run() override { return appliance_main(env_); }

  private:
    Env env_;
};

constinit std::optional<LinkedAppliance> appliance;

Result<void> start(component::Wiring& wiring) {
    appliance.emplace(Env{console::output(), wiring.boot_info(), wiring.get<boot::Archive>(),
                          wiring.command_line(), wiring.get<time::ClockDevice>(),
                          wiring.get<time::DeadlineQueue>(), wiring.get<StopToken>()});
    wiring.provide<Appliance>(*appliance);
    return {};
}

void stop() {
    appliance.reset();
}

} // namespace

HEDDLE_COMPONENT(appliance_component){
    .name = "appliance",
    .provides = component::interfaces<Appliance>,
    .needs = component::interfaces<boot::Archive, time::ClockDevice, time::DeadlineQueue, StopToken>,
    .start = start,
    .stop = stop,
};

} // namespace heddle::core
