// SPDX-License-Identifier: BSD-2-Clause
// A component of the test image that keeps what it was wired to.
#include "test/user/access.hpp"

#include "core/component/wiring.hpp"

namespace heddle::test {
namespace {

using core::time::Deadlines;
using core::user::UserSpace;

constinit UserSpace* space = nullptr;
constinit Deadlines* deadlines = nullptr;

Result<void> start(core::component::Wiring& wiring) {
    space = &wiring.get<UserSpace>();
    deadlines = &wiring.get<Deadlines>();
    return {};
}

HEDDLE_COMPONENT(user_access_component){
    .name = "test-user-access",
    .provides = {},
    .needs = core::component::interfaces<UserSpace, Deadlines>,
    .start = start,
};

} // namespace

UserSpace& user_space() {
    return *space;
}

Deadlines& all_deadlines() {
    return *deadlines;
}

} // namespace heddle::test
