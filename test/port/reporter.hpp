// SPDX-License-Identifier: BSD-2-Clause
// The lines by which the run is followed on the host (tools/heddle/protocol.py has their forms), and the
// counts in the last.
#pragma once

#include <string_view>

namespace heddle::test::port {

/// What has become of the cases of this run.
struct Tally {
    unsigned passed = 0;
    unsigned failed = 0;
    unsigned skipped = 0;
    /// Cases that expect a panic: named, and left to boots of their own.
    unsigned panicking = 0;
};

const Tally& tally();

/// Writes the line of the case that ended last, if it is still owed, and `#test done …`.
void report_done();

} // namespace heddle::test::port
