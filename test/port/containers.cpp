// SPDX-License-Identifier: BSD-2-Clause
// What libstdc++'s ordered and hashed containers keep in libstdc++.a: red-black trees, here Boost's
// algorithms over libstdc++'s nodes, and the growth policy of hash tables.
#include <bits/stl_tree.h>
#include <boost/intrusive/rbtree_algorithms.hpp>
#include <limits>
#include <unordered_set>

namespace {

/// Both libraries keep root, leftmost and rightmost in a red header node, so that only the names differ.
struct NodeTraits {
    using node = std::_Rb_tree_node_base;
    using node_ptr = node*;
    using const_node_ptr = const node*;
    using color = std::_Rb_tree_color;

    static node_ptr get_parent(const_node_ptr n) { return n->_M_parent; }

    static void set_parent(node_ptr n, node_ptr parent) { n->_M_parent = parent; }

    static node_ptr get_left(const_node_ptr n) { return n->_M_left; }

    static void set_left(node_ptr n, node_ptr left) { n->_M_left = left; }

    static node_ptr get_right(const_node_ptr n) { return n->_M_right; }

    static void set_right(node_ptr n, node_ptr right) { n->_M_right = right; }

    static color get_color(const_node_ptr n) { return n->_M_color; }

    static void set_color(node_ptr n, color c) { n->_M_color = c; }

    static color red() { return std::_S_red; }

    static color black() { return std::_S_black; }
};

using Algorithms = boost::intrusive::rbtree_algorithms<NodeTraits>;

} // namespace

namespace std {

_Rb_tree_node_base* _Rb_tree_increment(_Rb_tree_node_base* node) throw() {
    return Algorithms::next_node(node);
}

const _Rb_tree_node_base* _Rb_tree_increment(const _Rb_tree_node_base* node) throw() {
    return Algorithms::next_node(const_cast<_Rb_tree_node_base*>(node));
}

_Rb_tree_node_base* _Rb_tree_decrement(_Rb_tree_node_base* node) throw() {
    return Algorithms::prev_node(node);
}

const _Rb_tree_node_base* _Rb_tree_decrement(const _Rb_tree_node_base* node) throw() {
    return Algorithms::prev_node(const_cast<_Rb_tree_node_base*>(node));
}

void _Rb_tree_insert_and_rebalance(bool insert_left, _Rb_tree_node_base* node, _Rb_tree_node_base* parent,
                                   _Rb_tree_node_base& header) throw() {
    Algorithms::insert_commit_data place;
    place.link_left = insert_left;
    place.node = parent;
    Algorithms::insert_unique_commit(&header, node, place);
}

_Rb_tree_node_base* _Rb_tree_rebalance_for_erase(_Rb_tree_node_base* node,
                                                 _Rb_tree_node_base& header) throw() {
    Algorithms::erase(&header, node);
    return node;
}

namespace __detail {

// Odd bucket counts that double: doctest's hashes are spread well enough not to need primes.
size_t _Prime_rehash_policy::_M_next_bkt(size_t least) const {
    size_t buckets = 11;
    while (buckets < least) {
        buckets = buckets * 2 + 1;
    }
    // One element a bucket: no floating point is worth another ratio here.
    _M_next_resize = buckets;
    return buckets;
}

pair<bool, size_t> _Prime_rehash_policy::_M_need_rehash(size_t, size_t elements, size_t inserted) const {
    if (elements + inserted <= _M_next_resize) {
        return {false, 0};
    }
    return {true, _M_next_bkt(elements + inserted)};
}

} // namespace __detail
} // namespace std
