// Subjects as bytes and back, for the cache: compact, and safe to read from anybody's bytes.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "model/subject.h"

namespace cufit::collect {

// Each struct names its fields once, for writing and reading; structured bindings make the compiler refuse a
// field that is forgotten.
template <class A>
void fields(A& a, Gap& v) {
  auto& [path, offset, what] = v;
  a(path, offset, what);
}
template <class A>
void fields(A& a, Text& v) {
  auto& [id, args] = v;
  a(id, args);
}
template <class A>
void fields(A& a, Isa& v) {
  auto& [major, minor] = v;
  a(major, minor);
}
template <class A>
void fields(A& a, Sm& v) {
  auto& [major, minor, suffix] = v;
  a(major, minor, suffix);
}
template <class A>
void fields(A& a, Image& v) {
  auto& [kind, target, isa, isa_at_most, packing, debug, empty, relocatable, unresolved] = v;
  a(kind, target, isa, isa_at_most, packing, debug, empty, relocatable, unresolved);
}
template <class A>
void fields(A& a, ModuleShape& v) {
  auto& [images, count, link, section, example] = v;
  a(images, count, link, section, example);
}
template <class A>
void fields(A& a, Dynamic& v) {
  auto& [soname, rpath, runpath, needed] = v;
  a(soname, rpath, runpath, needed);
}
template <class A>
void fields(A& a, Binary& v) {
  auto& [path, size, format, arch, build_id, dyn, shapes, toolkits, pass, unread] = v;
  a(path, size, format, arch, build_id, dyn, shapes, toolkits, pass, unread);
}
template <class A>
void fields(A& a, Member& v) {
  auto& [bin, role] = v;
  a(bin, role);
}
template <class A>
void fields(A& a, Requires& v) {
  auto& [python, glibc, platforms] = v;
  a(python, glibc, platforms);
}
template <class A>
void fields(A& a, Dependency& v) {
  auto& [name, specifier] = v;
  a(name, specifier);
}
template <class A>
void fields(A& a, Subject& v) {
  auto& [id, kind, name, path, version, environment, build, needs, dependencies, members, files_read,
         unread] = v;
  a(id, kind, name, path, version, environment, build, needs, dependencies, members, files_read, unread);
}

class Writer {
 public:
  std::string take() { return std::move(out_); }

  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

 private:
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  void put(const T& v) {
    // Seven bits a byte, the lowest first; the highest bit says that more follow.
    auto n = uint64_t(v);
    for (; n >= 0x80; n >>= 7) out_ += char(n | 0x80);
    out_ += char(n);
  }
  void put(const std::string& s) {
    (*this)(uint64_t{s.size()});
    out_ += s;
  }
  void put(const Version& v) { put(v.text()); }
  template <class T>
  void put(const std::optional<T>& v) {
    put(v.has_value());
    if (v) put(*v);
  }
  template <class T>
  void put(const std::vector<T>& v) {
    (*this)(uint64_t{v.size()});
    for (auto& x : v) put(x);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& v) {
    (*this)(v.first, v.second);
  }
  template <class T>
    requires std::is_class_v<T>
  void put(const T& v) {
    fields(*this, const_cast<T&>(v));  // fields() takes what a reader may fill; a writer only looks
  }

  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  /// False once something was not as it must be; what was read since then is worth nothing.
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }

  std::string_view view() {
    uint64_t size = number();
    if (size > rest_.size()) return fail(), std::string_view();
    auto s = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return s;
  }

 private:
  void fail() {
    good_ = false;
    rest_ = {};
  }
  uint64_t number() {
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      auto byte = uint8_t(rest_[0]);
      rest_.remove_prefix(1);
      n |= uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80) return n;
    }
    fail();
    return 0;
  }
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  void get(T& v) {
    v = T(number());
  }
  void get(std::string& s) { s = view(); }
  void get(Version& v) {
    auto parsed = Version::parse(view());
    if (!parsed) return fail();
    v = std::move(*parsed);
  }
  template <class T>
  void get(std::optional<T>& v) {
    bool has = false;
    get(has);
    if (has) get(v.emplace());
  }
  template <class T>
  void get(std::vector<T>& v) {
    uint64_t n = number();
    if (n > rest_.size()) return fail();  // an element takes a byte at least
    v.reserve(std::min<uint64_t>(n, 64));
    while (n-- > 0 && good_) get(v.emplace_back());
  }
  template <class A, class B>
  void get(std::pair<A, B>& v) {
    (*this)(v.first, v.second);
  }
  template <class T>
    requires std::is_class_v<T>
  void get(T& v) {
    fields(*this, v);
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace cufit::collect
