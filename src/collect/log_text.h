// The bytes of a log as text to search: UTF-16 becomes UTF-8, colours and other orders to a terminal are left
// out. Everything else stays as it is, also what is no UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace cufit::collect {

class LogText {
 public:
  /// Appends what these bytes say to `out`. They may end anywhere: what is begun waits for the next call.
  void take(std::string_view bytes, std::string& out);

 private:
  enum class Encoding { open, bytes, utf16_le, utf16_be };
  enum class Order { none, begun, parameters, text, text_ending };

  void decide(std::string_view bytes);
  void from_utf16(std::string_view bytes, std::string& out);
  void without_orders(std::string_view bytes, std::string& out);

  Encoding encoding_ = Encoding::open;
  std::string rest_;  ///< a half character of UTF-16
  Order order_ = Order::none;
  size_t order_size_ = 0;
};

}  // namespace cufit::collect
