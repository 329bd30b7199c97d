// SPDX-License-Identifier: BSD-2-Clause
// Command lines: any text is split to its end, and every part lies in it.
#include "core/boot/command_line.hpp"
#include "fuzz.hpp"

#include <array>

using namespace heddle;
using namespace heddle::test;

namespace {

constexpr std::array<core::boot::Option, 4> options{
    {{"exit", ""}, {"doctest.", ""}, {"scheduler", ""}, {"log", ""}}};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = std::as_bytes(std::span{data, size});
    const core::boot::CommandLine line{{reinterpret_cast<const char*>(data), size}};
    std::size_t count = 0;
    line.for_each([&](const core::boot::Assignment& assignment) {
        require(++count <= size, "there are no more words than characters");
        require(is_inside(assignment.key, input) && is_inside(assignment.value, input),
                "a word lies in the text");
        require(assignment.has_value || assignment.value.empty(), "a bare word has no value");
        require(!assignment.has_value || line.value(assignment.key).has_value(), "an assigned key is found");
        const auto number = line.number(assignment.key);
        require(number || number.error() != Error::not_found || !assignment.has_value,
                "an assigned number is found");
        const bool known = core::boot::is_known(assignment.key, options);
        const auto nearest = core::boot::nearest_option(assignment.key, options);
        require(!known || nearest.has_value() || assignment.key.size() > 40, "a known key is near to itself");
    });
    return 0;
}
