#include <mcp/transport/command_line.h>

#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using Words = std::vector<std::string>;

TEST_CASE("words, quotes and backslashes") {
  CHECK(mcp::split_command_line("a 'b c' \"d\"") == Words{"a", "b c", "d"});
  CHECK(mcp::split_command_line("  server\t--db  x.db \n") == Words{"server", "--db", "x.db"});
  CHECK(mcp::split_command_line(R"(a\ b "say \"hi\" \\ \n" 'it''s' '\')") ==
        Words{"a b", R"(say "hi" \ \n)", "its", "\\"});
  CHECK(mcp::split_command_line("a '' \"\"") == Words{"a", "", ""});
  CHECK(mcp::split_command_line("--name='two words'") == Words{"--name=two words"});
  CHECK(mcp::split_command_line("$HOME *") == Words{"$HOME", "*"});
}

TEST_CASE("what cannot be split is refused with the place") {
  CHECK_THROWS_WITH_AS(mcp::split_command_line("a 'b"),
                       "the quote at character 3 of the command line is not closed: a 'b",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(mcp::split_command_line("a\\"), "the command line ends in a backslash: a\\",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(mcp::split_command_line("  "), "the command line is empty",
                       std::invalid_argument);
}
