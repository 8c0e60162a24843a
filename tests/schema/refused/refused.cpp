// Types that mcp::describe refuses to compile; each case is built by a test that looks for our
// words.
#include <mcp/schema/describe.h>

struct Inner {
  int x = 0;
};

#if defined(CASE_BASE_CLASS)
struct Refused : Inner {
  int y = 0;
};
#elif defined(CASE_C_ARRAY)
struct Refused {
  int before = 0;
  int values[3] = {};
  int after = 0;
};
#elif defined(CASE_REFERENCE)
struct Refused {
  int& other;
};
#elif defined(CASE_ABOUT_NAME)
struct Refused {
  int days = 0;
  static constexpr mcp::About about[] = {{"day", "How far ahead"}};
};
#elif defined(CASE_ABOUT_LIMIT)
struct Refused {
  std::string city;
  static constexpr mcp::About about[] = {{"city", "Where", {.minimum = 1}}};
};
#elif defined(CASE_ABOUT_HEADER)
struct Refused {
  double price;
  static constexpr mcp::About about[] = {{"price", "Euros", {}, "Price"}};
};
#elif defined(CASE_CONSTRUCTOR)
struct Refused {
  Refused() : days(1) {}
  int days;
};
#elif defined(CASE_CHARACTER)
struct Refused {
  char letter = 'a';
};
#elif defined(CASE_PLAIN_ENUM)
enum Plain { one, two };
struct Refused {
  Plain value = one;
};
#elif defined(CASE_BIT_FIELD)
struct Refused {
  unsigned low : 4;
  unsigned high : 4;
};
#endif

int main() {
  return static_cast<int>(mcp::describe<Refused>().size());
}
