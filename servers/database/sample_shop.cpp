#include "servers/database/sample_shop.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fairlead::database {
namespace {

constexpr int customer_count = 250;
constexpr int order_count = 2'000;

constexpr std::string_view schema = R"(
CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  city TEXT NOT NULL,
  country TEXT NOT NULL,
  joined_on TEXT NOT NULL  -- YYYY-MM-DD
);
CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  category TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents > 0),  -- today's price in euro cents
  in_stock INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (id),
  ordered_on TEXT NOT NULL,  -- YYYY-MM-DD
  status TEXT NOT NULL CHECK (status IN ('delivered', 'shipped', 'paid', 'cancelled', 'returned'))
);
CREATE TABLE order_items (
  order_id INTEGER NOT NULL REFERENCES orders (id),
  product_id INTEGER NOT NULL REFERENCES products (id),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  unit_price_cents INTEGER NOT NULL,  -- what was paid then, in euro cents
  PRIMARY KEY (order_id, product_id)
) WITHOUT ROWID;
CREATE INDEX orders_by_customer ON orders (customer_id);
CREATE INDEX orders_by_date ON orders (ordered_on);
CREATE INDEX order_items_by_product ON order_items (product_id);
CREATE VIEW order_totals AS
  SELECT o.id AS order_id, o.customer_id, o.ordered_on, o.status,
         sum(i.quantity) AS items, sum(i.quantity * i.unit_price_cents) / 100.0 AS total_euros
  FROM orders o JOIN order_items i ON i.order_id = o.id
  GROUP BY o.id;
)";

constexpr std::array<std::string_view, 40> first_names = {
    "Ada",   "Amir",  "Anna",  "Bruno", "Carla", "Chen",  "Clara",  "David", "Elena", "Emil",
    "Farah", "Felix", "Greta", "Hana",  "Hugo",  "Ines",  "Ivan",   "Jonas", "Julia", "Kofi",
    "Lars",  "Leila", "Lena",  "Luca",  "Maria", "Marta", "Mateo",  "Mei",   "Nadia", "Nils",
    "Nora",  "Omar",  "Paula", "Pavel", "Rosa",  "Sofia", "Stefan", "Tom",   "Yara",  "Zoe"};
constexpr std::array<std::string_view, 40> last_names = {
    "Almeida", "Andersen", "Bauer",    "Bianchi", "Brandt",  "Costa",   "Dubois",  "Eriksen",
    "Ferrari", "Fischer",  "Garcia",   "Hansen",  "Haddad",  "Hoffman", "Ivanova", "Jansen",
    "Kaya",    "Keller",   "Kowalski", "Larsen",  "Laurent", "Lopez",   "Marino",  "Mensah",
    "Meyer",   "Moreau",   "Nguyen",   "Novak",   "Okafor",  "Olsen",   "Petrov",  "Ricci",
    "Romero",  "Santos",   "Schmidt",  "Silva",   "Tanaka",  "Vega",    "Weber",   "Wong"};

struct City {
  std::string_view name, country;
};
constexpr std::array<City, 14> cities = {{{"Berlin", "Germany"},
                                          {"Hamburg", "Germany"},
                                          {"Munich", "Germany"},
                                          {"Paris", "France"},
                                          {"Lyon", "France"},
                                          {"Milan", "Italy"},
                                          {"Rome", "Italy"},
                                          {"Madrid", "Spain"},
                                          {"Barcelona", "Spain"},
                                          {"Lisbon", "Portugal"},
                                          {"Vienna", "Austria"},
                                          {"Amsterdam", "Netherlands"},
                                          {"Copenhagen", "Denmark"},
                                          {"Warsaw", "Poland"}}};

struct Category {
  std::string_view name;
  int cheapest_cents, dearest_cents;
  std::array<std::string_view, 8> things;
};
constexpr std::array<Category, 6> categories = {
    {{"Kitchen",
      900,
      14900,
      {"Espresso Maker", "Cast Iron Pan", "Chef's Knife", "Kettle", "Mixing Bowls", "Pepper Mill",
       "Cutting Board", "Bread Tin"}},
     {"Electronics",
      1900,
      49900,
      {"Headphones", "Bluetooth Speaker", "E-Reader", "Webcam", "Mechanical Keyboard", "USB-C Dock",
       "Desk Lamp", "Power Bank"}},
     {"Books",
      800,
      4500,
      {"Garden Almanac", "Atlas of Islands", "Pasta Cookbook", "Night Sky Guide", "History of Maps",
       "Bicycle Repair", "Short Stories", "Chess Problems"}},
     {"Garden",
      500,
      19900,
      {"Pruning Shears", "Watering Can", "Tomato Seeds", "Hammock", "Bird House", "Rain Gauge",
       "Compost Bin", "Herb Planter"}},
     {"Sports",
      1200,
      29900,
      {"Yoga Mat", "Running Belt", "Trekking Poles", "Climbing Rope", "Swim Goggles", "Tent",
       "Sleeping Bag", "Kettlebell"}},
     {"Toys",
      700,
      8900,
      {"Wooden Train", "Puzzle 1000", "Marble Run", "Kite", "Building Blocks", "Card Game",
       "Puppet Theatre", "Spinning Top"}}}};

// SplitMix64: the same numbers on every machine, which the standard's distributions don't promise.
class Random {
 public:
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  /// 0 … below-1.
  int below(int limit) { return static_cast<int>(next() % static_cast<std::uint64_t>(limit)); }
  /// 0 … below-1, small ones more often: regulars order more than others, some things sell better.
  int skewed_below(int limit) {
    const int a = below(limit);
    const int b = below(limit);
    return a < b ? a : b;
  }

 private:
  std::uint64_t state_ = 20250101;
};

using Value = std::variant<int, std::string>;

class Writer {
 public:
  explicit Writer(const std::filesystem::path& file) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open_v2(std::filesystem::absolute(file).c_str(), &opened, flags, nullptr);
    database_.reset(opened);
    check(code);
  }

  void run(const std::string& sql) {
    check(sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr));
  }

  void insert(const std::string& table, std::initializer_list<Value> values) {
    std::string sql = "INSERT INTO " + table + " VALUES (?";
    for (std::size_t i = 1; i < values.size(); ++i) sql += ", ?";
    sql += ")";
    sqlite3_stmt* prepared = nullptr;
    check(sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &prepared, nullptr));
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared,
                                                                          sqlite3_finalize);
    int position = 0;
    for (const Value& value : values) {
      ++position;
      if (const auto* number = std::get_if<int>(&value)) {
        check(sqlite3_bind_int(prepared, position, *number));
      } else {
        const auto& text = std::get<std::string>(value);
        check(sqlite3_bind_text64(prepared, position, text.data(), text.size(), SQLITE_TRANSIENT,
                                  SQLITE_UTF8));
      }
    }
    const int code = sqlite3_step(prepared);
    if (code != SQLITE_DONE) check(code);
  }

 private:
  void check(int code) {
    if (code == SQLITE_OK) return;
    throw std::runtime_error("The sample database can't be written: " +
                             std::string(sqlite3_errmsg(database_.get())));
  }

  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_{nullptr, sqlite3_close};
};

// Day 0 is 2024-01-01.
std::string date(int day) {
  using namespace std::chrono;
  const year_month_day when{sys_days{year{2024} / January / 1} + days{day}};
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(when.year()),
                static_cast<unsigned>(when.month()), static_cast<unsigned>(when.day()));
  return text.data();
}

constexpr int days_in_shop = 731;  // 2024 and 2025

// A day after `earliest`; November and December count double, and the second year a little more.
int order_day(Random& random, int earliest) {
  while (true) {
    const int day = earliest + random.below(days_in_shop - earliest);
    const int month = std::stoi(date(day).substr(5, 2));
    const int weight = (month >= 11 ? 8 : month == 7 || month == 8 ? 3 : 4) + (day >= 366 ? 1 : 0);
    if (random.below(9) < weight) return day;
  }
}

std::string email_of(std::string_view first, std::string_view last, int id) {
  std::string email(first);
  email.append(".").append(last).append(std::to_string(id)).append("@example.com");
  std::transform(email.begin(), email.end(), email.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return email;
}

std::vector<int> write_customers(Writer& writer, Random& random) {
  std::vector<int> joined;
  for (int id = 1; id <= customer_count; ++id) {
    const auto first = first_names[static_cast<std::size_t>(random.below(first_names.size()))];
    const auto last = last_names[static_cast<std::size_t>(random.below(last_names.size()))];
    const City& city = cities[static_cast<std::size_t>(random.skewed_below(cities.size()))];
    joined.push_back(random.below(600));
    writer.insert("customers",
                  {id, std::string(first) + " " + std::string(last), email_of(first, last, id),
                   std::string(city.name), std::string(city.country), date(joined.back())});
  }
  return joined;
}

std::vector<int> write_products(Writer& writer, Random& random) {
  std::vector<int> prices;
  for (const Category& category : categories) {
    for (const std::string_view thing : category.things) {
      const int span = category.dearest_cents - category.cheapest_cents;
      const int price = (category.cheapest_cents + random.skewed_below(span)) / 100 * 100 + 90;
      prices.push_back(price);
      writer.insert("products", {static_cast<int>(prices.size()), std::string(thing),
                                 std::string(category.name), price, random.below(200)});
    }
  }
  return prices;
}

std::string status_of(Random& random, int day) {
  const int dice = random.below(100);
  if (dice < 5) return "cancelled";
  if (dice < 9) return "returned";
  if (day >= days_in_shop - 3) return "paid";
  if (day >= days_in_shop - 10) return "shipped";
  return "delivered";
}

void write_orders(Writer& writer, Random& random, const std::vector<int>& joined,
                  const std::vector<int>& prices) {
  // Ids follow time, as they would in a shop.
  struct Order {
    int day, customer;
  };
  std::vector<Order> orders;
  for (int i = 0; i < order_count; ++i) {
    const int customer = random.skewed_below(customer_count);
    orders.push_back({order_day(random, joined[static_cast<std::size_t>(customer)]), customer});
  }
  std::stable_sort(orders.begin(), orders.end(),
                   [](const Order& a, const Order& b) { return a.day < b.day; });
  int id = 0;
  for (const Order& order : orders) {
    ++id;
    writer.insert("orders",
                  {id, order.customer + 1, date(order.day), status_of(random, order.day)});
    std::vector<int> products;
    for (int items = 1 + random.skewed_below(5); items > 0; --items) {
      const int product = random.skewed_below(static_cast<int>(prices.size()));
      if (std::find(products.begin(), products.end(), product) == products.end()) {
        products.push_back(product);
      }
    }
    for (const int product : products) {
      const int price = prices[static_cast<std::size_t>(product)];
      // Things were a little cheaper in the first year.
      const int paid = order.day < 366 ? price - price / 20 : price;
      writer.insert("order_items", {id, product + 1, 1 + random.skewed_below(4), paid});
    }
  }
}

}  // namespace

void make_sample_shop(const std::filesystem::path& file) {
  if (std::filesystem::exists(file)) {
    throw std::runtime_error(file.string() + " exists already; it is left as it is.");
  }
  Writer writer(file);
  Random random;
  // Nobody reads a file that is being made, so it needs neither a journal nor syncing.
  writer.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
  writer.run(std::string(schema));
  const auto joined = write_customers(writer, random);
  const auto prices = write_products(writer, random);
  write_orders(writer, random, joined, prices);
  writer.run("COMMIT; ANALYZE");
}

}  // namespace fairlead::database
