// SPDX-License-Identifier: BSD-2-Clause
// The registry over made-up components: order, choice, and each error with its chain.
#include "core/component/registry.hpp"
#include "core/component/wiring.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::component::Component;
using core::component::interfaces;
using core::component::Registry;
using core::component::Wiring;

struct Loom {
    static constexpr std::string_view interface_name = "loom";
    int threads = 0;
};

struct Yarn {
    static constexpr std::string_view interface_name = "yarn";
    int colour = 0;
};

struct Cloth {
    static constexpr std::string_view interface_name = "cloth";
};

/// What the made-up components did, one letter each.
struct Diary {
    char text[32]{};
    std::size_t used = 0;

    void note(char c) { text[used++] = c; }

    std::string_view view() const { return {text, used}; }
};

constinit Diary diary;
constinit Loom loom;
constinit Yarn yarn;
constinit Cloth cloth;

Result<void> start_loom(Wiring& wiring) {
    diary.note('L');
    loom.threads = 7;
    wiring.provide(loom);
    return {};
}

Result<void> start_yarn(Wiring& wiring) {
    diary.note('Y');
    yarn.colour = 3;
    wiring.provide(yarn);
    return {};
}

Result<void> start_weaver(Wiring& wiring) {
    diary.note('W');
    if (wiring.get<Loom>().threads != 7 || wiring.get<Yarn>().colour != 3) {
        return fail(Error::invalid_argument);
    }
    wiring.provide(cloth);
    return {};
}

Result<void> start_and_fail(Wiring&) {
    diary.note('F');
    return fail(Error::io_error);
}

Result<void> start_reaching_too_far(Wiring& wiring) {
    static_cast<void>(wiring.get<Yarn>());
    return {};
}

Result<void> start_without_providing(Wiring&) {
    return {};
}

bool never(const Wiring&) {
    return false;
}

constexpr Component weaver{.name = "a-weaver",
                           .provides = interfaces<Cloth>,
                           .needs = interfaces<Loom, Yarn>,
                           .start = start_weaver,
                           .stop = [] { diary.note('w'); }};
constexpr Component loom_maker{.name = "loom-maker",
                               .provides = interfaces<Loom>,
                               .needs = interfaces<Yarn>,
                               .start = start_loom,
                               .stop = [] { diary.note('l'); }};
constexpr Component spinner{
    .name = "spinner", .provides = interfaces<Yarn>, .needs = {}, .start = start_yarn, .stop = [] {
        diary.note('y');
    }};
constexpr Component other_spinner{.name = "other-spinner",
                                  .provides = interfaces<Yarn>,
                                  .needs = {},
                                  .start = [](Wiring& wiring) -> Result<void> {
                                      diary.note('O');
                                      yarn.colour = 3;
                                      wiring.provide(yarn);
                                      return {};
                                  }};

/// A registry over `components`, with the texts it needs.
struct Composition {
    explicit Composition(std::span<const Component> components, std::string_view command_line = "",
                         std::string_view defaults = "")
        : line{command_line}
        , build{defaults}
        , registry{components, info, line, build} {
        diary.used = 0;
    }

    core::boot::BootInfo info;
    core::boot::CommandLine line;
    core::boot::CommandLine build;
    char text[300];
    BufferWriter problem{text};
    Registry registry;
};

} // namespace

TEST_SUITE_BEGIN("core/component");

TEST_CASE("components start in the order of their needs, whatever their names, and stop in reverse") {
    const Component parts[] = {weaver, loom_maker, spinner};
    Composition c{parts};
    REQUIRE(c.registry.compose(c.problem).has_value());
    REQUIRE(c.registry.start(c.problem).has_value());
    CHECK(diary.view() == "YLW");
    CHECK(&c.registry.get<Yarn>() == &yarn);
    c.registry.stop();
    CHECK(diary.view() == "YLWwly");
    c.registry.stop();
    CHECK(diary.view() == "YLWwly");
}

TEST_CASE("a missing provider stops the boot with the chain spelled out") {
    const Component parts[] = {weaver, loom_maker};
    Composition c{parts};
    auto result = c.registry.compose(c.problem);
    REQUIRE(!result.has_value());
    CHECK(result.error() == Error::not_found);
    CHECK(c.problem.text() == "no provider of yarn: a-weaver -> loom-maker -> yarn");
    CHECK(diary.view() == "");
}

TEST_CASE("two providers of one interface stop the boot with both names") {
    const Component parts[] = {weaver, loom_maker, spinner, other_spinner};
    Composition c{parts};
    auto result = c.registry.compose(c.problem);
    REQUIRE(!result.has_value());
    CHECK(result.error() == Error::invalid_argument);
    CHECK(c.problem.text() == "two providers of yarn: other-spinner, spinner; choose one with yarn=NAME");
}

TEST_CASE("the command line chooses a provider, over the build's choice; the loser does not start") {
    const Component parts[] = {weaver, loom_maker, spinner, other_spinner};
    {
        Composition c{parts, "quiet yarn=other-spinner", "yarn=spinner"};
        REQUIRE(c.registry.compose(c.problem).has_value());
        REQUIRE(c.registry.start(c.problem).has_value());
        CHECK(diary.view() == "OLW");
    }
    {
        Composition c{parts, "", "yarn=spinner"};
        REQUIRE(c.registry.compose(c.problem).has_value());
        REQUIRE(c.registry.start(c.problem).has_value());
        CHECK(diary.view() == "YLW");
    }
}

TEST_CASE("a choice that does not exist is named beside those that do") {
    const Component parts[] = {weaver, loom_maker, spinner, other_spinner};
    Composition c{parts, "yarn=nylon"};
    auto result = c.registry.compose(c.problem);
    REQUIRE(!result.has_value());
    CHECK(c.problem.text() == "yarn=nylon: no such component here; there is: other-spinner, spinner");
}

TEST_CASE("a cycle of needs is spelled out") {
    const Component needy_spinner{
        .name = "spinner", .provides = interfaces<Yarn>, .needs = interfaces<Cloth>, .start = start_yarn};
    const Component parts[] = {weaver, loom_maker, needy_spinner};
    Composition c{parts};
    auto result = c.registry.compose(c.problem);
    REQUIRE(!result.has_value());
    CHECK(result.error() == Error::deadlock);
    CHECK(c.problem.text() == "components need each other: a-weaver -> loom-maker -> spinner -> a-weaver");
}

TEST_CASE("a component that does not fit the machine is not a candidate") {
    Component absent = other_spinner;
    absent.applicable = never;
    const Component parts[] = {weaver, loom_maker, spinner, absent};
    Composition c{parts};
    REQUIRE(c.registry.compose(c.problem).has_value());
    CHECK(c.registry.provider(core::component::interface_of<Yarn>) == &parts[2]);
    CHECK(c.registry.order().size() == 3);
}

TEST_CASE("when one does not start, those before it are stopped and the message names it") {
    Component broken = loom_maker;
    broken.start = start_and_fail;
    const Component parts[] = {weaver, broken, spinner};
    Composition c{parts};
    REQUIRE(c.registry.compose(c.problem).has_value());
    auto result = c.registry.start(c.problem);
    REQUIRE(!result.has_value());
    CHECK(result.error() == Error::io_error);
    CHECK(c.problem.text() == "component loom-maker did not start: I/O error");
    CHECK(diary.view() == "YFy");
    CHECK(!c.registry.started(parts[2]));
}

TEST_CASE("more components than fit is an error that says the number") {
    Component many[Registry::capacity + 1];
    for (Component& one : many) {
        one = spinner;
    }
    Composition c{many};
    auto result = c.registry.compose(c.problem);
    REQUIRE(!result.has_value());
    CHECK(result.error() == Error::out_of_range);
    CHECK(c.problem.text() == "more than 64 components");
}

TEST_CASE("the graph has each component, and an edge for each need") {
    const Component parts[] = {loom_maker, spinner};
    Composition c{parts};
    REQUIRE(c.registry.compose(c.problem).has_value());
    char text[300];
    BufferWriter writer{text};
    c.registry.write_graph(writer);
    CHECK(writer.text() == "digraph heddle {\n    rankdir=BT;\n    node [shape=box];\n"
                           "    \"spinner\";\n"
                           "    \"loom-maker\";\n"
                           "    \"loom-maker\" -> \"spinner\" [label=\"yarn\"];\n"
                           "}\n");
}

TEST_CASE("reaching for an interface that was not named is a broken invariant" *
          expect_panic("component loom-maker reached for yarn, which it does not name in its needs")) {
    Component greedy = loom_maker;
    greedy.needs = {};
    greedy.start = start_reaching_too_far;
    const Component parts[] = {greedy, spinner};
    Composition c{parts};
    REQUIRE(c.registry.compose(c.problem).has_value());
    static_cast<void>(c.registry.start(c.problem));
}

TEST_CASE("starting without providing is a broken invariant" *
          expect_panic("component spinner started without providing yarn")) {
    Component silent = spinner;
    silent.start = start_without_providing;
    const Component parts[] = {silent};
    Composition c{parts};
    REQUIRE(c.registry.compose(c.problem).has_value());
    static_cast<void>(c.registry.start(c.problem));
}

TEST_SUITE_END();

} // namespace heddle::test
