// SPDX-License-Identifier: BSD-2-Clause
// Owns the request to stop.
#include "core/component/wiring.hpp"
#include "core/stop_token.hpp"

namespace heddle::core {
namespace {

constinit StopToken token;

Result<void> start(component::Wiring& wiring) {
    wiring.provide(token);
    return {};
}

} // namespace

HEDDLE_COMPONENT(stop_component){
    .name = "stop",
    .provides = component::interfaces<StopToken>,
    .needs = {},
    .start = start,
};

} // namespace heddle::core
