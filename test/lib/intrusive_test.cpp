// SPDX-License-Identifier: BSD-2-Clause
// The wrapped containers: order, and that the hooks catch a second link and a death while linked.
#include "lib/intrusive.hpp"
#include "test/floor/floor.hpp"

#include <array>
#include <cstdint>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

struct Item {
    std::uint64_t key = 0;
    unsigned inserted = 0;
    ListHook list_hook;
    StackHook stack_hook;
    TreeHook tree_hook;
};

struct ByKey {
    bool operator()(const Item& a, const Item& b) const { return a.key < b.key; }
};

using Items = List<Item, &Item::list_hook>;
using Pile = Stack<Item, &Item::stack_hook>;
using Ordered = Tree<Item, &Item::tree_hook, ByKey>;

TEST_SUITE_BEGIN("lib/intrusive");

TEST_CASE("a list keeps order and lets go of any element") {
    std::array<Item, 4> items{};
    Items list;
    for (std::uint64_t i = 0; i < items.size(); ++i) {
        items[i].key = i;
        list.push_back(items[i]);
    }
    CHECK(&list.front() == &items[0]);
    list.erase(list.iterator_to(items[2]));
    CHECK_FALSE(items[2].list_hook.is_linked());
    list.push_front(items[2]);
    const std::uint64_t expected[] = {2, 0, 1, 3};
    std::size_t at = 0;
    for (const Item& item : list) {
        CHECK(item.key == expected[at++]);
    }
    CHECK(at == 4);
    list.clear();
    CHECK(list.empty());
    CHECK_FALSE(items[0].list_hook.is_linked());
}

TEST_CASE("a stack gives back the last first") {
    std::array<Item, 3> items{};
    Pile pile;
    for (Item& item : items) {
        pile.push_front(item);
    }
    for (std::size_t i = items.size(); i > 0; --i) {
        CHECK(&pile.front() == &items[i - 1]);
        pile.pop_front();
    }
    CHECK(pile.empty());
}

TEST_CASE("a tree orders 300 seeded keys, equal ones in the order of insertion") {
    std::array<Item, 300> items{};
    Ordered tree;
    for (unsigned i = 0; i < items.size(); ++i) {
        items[i].key = random().below(40);
        items[i].inserted = i;
        tree.insert_equal(items[i]);
    }
    for (std::size_t i = 0; i < items.size(); i += 3) {
        tree.erase(tree.iterator_to(items[i]));
    }
    unsigned count = 0;
    const Item* last = nullptr;
    for (const Item& item : tree) {
        if (last != nullptr) {
            CHECK(last->key <= item.key);
            CHECK((last->key < item.key || last->inserted < item.inserted));
        }
        last = &item;
        ++count;
    }
    CHECK(count == 200);
    tree.clear();
}

TEST_CASE("an object may be in a list, a stack and a tree at once") {
    Item item;
    Items list;
    Pile pile;
    Ordered tree;
    list.push_back(item);
    pile.push_front(item);
    tree.insert_equal(item);
    list.clear();
    CHECK_FALSE(item.list_hook.is_linked());
    CHECK(item.stack_hook.is_linked());
    CHECK(item.tree_hook.is_linked());
    pile.clear();
    tree.clear();
}

TEST_CASE("linking an object that is linked is caught" * expect_panic("node_algorithms::inited(to_insert)")) {
    Item item;
    Items first;
    Items second;
    first.push_back(item);
    second.push_back(item);
}

TEST_CASE("an object that dies while it is linked is caught" * expect_panic("!hook.is_linked()")) {
    Items list;
    {
        Item item;
        list.push_back(item);
    }
    CHECK(list.empty());
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
