// SPDX-License-Identifier: BSD-2-Clause
// The streams' functions, but for those that print floating point (floating_point.cpp).
#include "test/port/bridge.hpp"

#include <algorithm>
#include <cstring>
#include <iostream>
#include <sstream>

namespace std {

streambuf::int_type streambuf::sputc(char c) {
    if (put_ != put_end_) {
        *put_++ = c;
        return traits_type::to_int_type(c);
    }
    return overflow(traits_type::to_int_type(c));
}

streambuf::int_type streambuf::overflow(int_type) {
    return traits_type::eof();
}

streambuf::int_type streambuf::uflow() {
    return traits_type::eof();
}

streamsize streambuf::xsputn(const char* text, streamsize count) {
    streamsize done = 0;
    while (done < count && sputc(text[done]) != traits_type::eof()) {
        ++done;
    }
    return done;
}

streamsize streambuf::xsgetn(char* text, streamsize count) {
    streamsize done = 0;
    for (; done < count; ++done) {
        const int_type c = sbumpc();
        if (c == traits_type::eof()) {
            break;
        }
        text[done] = traits_type::to_char_type(c);
    }
    return done;
}

streambuf::pos_type streambuf::tell(ios_base::openmode) {
    return pos_type{off_type{-1}};
}

streambuf::pos_type streambuf::seekpos(pos_type, ios_base::openmode) {
    return pos_type{off_type{-1}};
}

int streambuf::sync() {
    return 0;
}

void stringbuf::str(string_view text) {
    text_ = text;
    put_at_ = get_at_ = 0;
}

stringbuf::int_type stringbuf::overflow(int_type c) {
    const char character = traits_type::to_char_type(c);
    return xsputn(&character, 1) == 1 ? c : traits_type::eof();
}

stringbuf::int_type stringbuf::uflow() {
    return get_at_ < text_.size() ? traits_type::to_int_type(text_[get_at_++]) : traits_type::eof();
}

streamsize stringbuf::xsputn(const char* text, streamsize count) {
    const auto length = static_cast<size_t>(count);
    if (put_at_ + length > text_.size()) {
        text_.resize(put_at_ + length);
    }
    memcpy(text_.data() + put_at_, text, length);
    put_at_ += length;
    return count;
}

streamsize stringbuf::xsgetn(char* text, streamsize count) {
    const size_t taken = min(static_cast<size_t>(count), text_.size() - min(get_at_, text_.size()));
    memcpy(text, text_.data() + get_at_, taken);
    get_at_ += taken;
    return static_cast<streamsize>(taken);
}

stringbuf::pos_type stringbuf::tell(ios_base::openmode which) {
    return pos_type{static_cast<off_type>((which & ios_base::out) != 0 ? put_at_ : get_at_)};
}

stringbuf::pos_type stringbuf::seekpos(pos_type position, ios_base::openmode which) {
    const auto at = static_cast<size_t>(static_cast<off_type>(position));
    if (at > text_.size()) {
        return pos_type{off_type{-1}};
    }
    if ((which & ios_base::out) != 0) {
        put_at_ = at;
    }
    if ((which & ios_base::in) != 0) {
        get_at_ = at;
    }
    return position;
}

ostream& ostream::write(const char* text, streamsize count) {
    if (rdbuf() == nullptr || rdbuf()->sputn(text, count) != count) {
        setstate(badbit);
    }
    return *this;
}

ostream& ostream::insert(string_view text) {
    const auto length = static_cast<streamsize>(text.size());
    const streamsize padding = max(width(0) - length, streamsize{0});
    const bool on_the_left = (flags() & left) != 0;
    if (on_the_left) {
        write(text.data(), length);
    }
    for (streamsize i = 0; i < padding; ++i) {
        put(fill());
    }
    return on_the_left ? *this : write(text.data(), length);
}

ostream& ostream::insert_integer(unsigned long long magnitude, bool negative) {
    const bool hexadecimal = (flags() & hex) != 0;
    const unsigned base = hexadecimal ? 16 : 10;
    const char* const digits = (flags() & uppercase) != 0 ? "0123456789ABCDEF" : "0123456789abcdef";
    char buffer[24];
    char* at = end(buffer);
    do {
        *--at = digits[magnitude % base];
        magnitude /= base;
    } while (magnitude != 0);
    if (hexadecimal && (flags() & showbase) != 0) {
        *--at = (flags() & uppercase) != 0 ? 'X' : 'x';
        *--at = '0';
    }
    if (negative) {
        *--at = '-';
    }
    return insert({at, static_cast<size_t>(end(buffer) - at)});
}

ostream& ostream::operator<<(bool value) {
    return (flags() & boolalpha) != 0 ? insert(value ? "true" : "false")
                                      : insert_integer(value ? 1 : 0, false);
}

// A negative number in hexadecimal is the two's complement in its own width.
ostream& ostream::operator<<(short value) {
    return (flags() & hex) != 0 ? *this << static_cast<unsigned short>(value)
                                : *this << static_cast<long long>(value);
}

ostream& ostream::operator<<(int value) {
    return (flags() & hex) != 0 ? *this << static_cast<unsigned>(value)
                                : *this << static_cast<long long>(value);
}

ostream& ostream::operator<<(long value) {
    return *this << static_cast<long long>(value);
}

ostream& ostream::operator<<(long long value) {
    const auto bits = static_cast<unsigned long long>(value);
    const bool negative = value < 0 && (flags() & hex) == 0;
    return insert_integer(negative ? 0 - bits : bits, negative);
}

ostream& ostream::operator<<(unsigned short value) {
    return insert_integer(value, false);
}

ostream& ostream::operator<<(unsigned value) {
    return insert_integer(value, false);
}

ostream& ostream::operator<<(unsigned long value) {
    return insert_integer(value, false);
}

ostream& ostream::operator<<(unsigned long long value) {
    return insert_integer(value, false);
}

ostream& ostream::operator<<(const void* value) {
    const fmtflags old = flags(hex | showbase | (flags() & adjustfield));
    insert_integer(reinterpret_cast<uintptr_t>(value), false);
    flags(old);
    return *this;
}

ostream& ostream::flush() {
    if (rdbuf() != nullptr) {
        rdbuf()->pubsync();
    }
    return *this;
}

ostream::pos_type ostream::tellp() {
    return rdbuf() != nullptr ? rdbuf()->pubtell(out) : pos_type{off_type{-1}};
}

istream& istream::read(char* text, streamsize count) {
    if (rdbuf() == nullptr || rdbuf()->sgetn(text, count) != count) {
        setstate(eofbit | failbit);
    }
    return *this;
}

istream::int_type istream::get() {
    const int_type c = rdbuf() != nullptr ? rdbuf()->sbumpc() : traits_type::eof();
    if (c == traits_type::eof()) {
        setstate(eofbit | failbit);
    }
    return c;
}

namespace {

class ConsoleBuffer final : public streambuf {
  protected:
    int_type overflow(int_type c) override {
        const char character = traits_type::to_char_type(c);
        heddle::test::port::write(&character, 1);
        return c;
    }

    streamsize xsputn(const char* text, streamsize count) override {
        heddle::test::port::write(text, static_cast<unsigned long>(count));
        return count;
    }
};

ConsoleBuffer console;

} // namespace

ostream cout{&console};
ostream cerr{&console};

} // namespace std
