#include "servers/filesystem/canonical_text.h"

#include "servers/filesystem/reading.h"
#include "servers/filesystem/writing.h"
#include "tests/filesystem/fixture.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

namespace {

// One letter, three ways to write it.
const std::string whole = "\u01d6.txt";            // u with diaeresis and macron
const std::string in_two = "\u00fc\u0304.txt";     // u with diaeresis, macron
const std::string in_three = "u\u0308\u0304.txt";  // u, diaeresis, macron

}  // namespace

TEST_CASE("texts that look the same are the same when they are taken apart") {
  CHECK(decomposed(whole) == in_three);
  CHECK(decomposed(in_two) == in_three);
  CHECK(decomposed(in_three) == in_three);
  CHECK(decomposed("\ud55c\uae00") == "\u1112\u1161\u11ab\u1100\u1173\u11af");  // Hangul
  CHECK(decomposed("\uac00") == "\u1100\u1161");                                // without a final
  CHECK(decomposed("a\u0307\u0323") == "a\u0323\u0307");                        // below comes first
  CHECK(decomposed("\u1e69") == "s\u0323\u0307");
  CHECK(decomposed("\u212a\u212b") == "KA\u030a");  // the signs of kelvin and angstrom
  CHECK(decomposed("\U0001d15e") == "\U0001d157\U0001d165");
  CHECK(decomposed("plain \xff \u00e4") == "plain \xff \u00e4");  // no text
  CHECK(decomposed("\ufb01") == "\ufb01");  // a ligature is another spelling, not the same
}

TEST_CASE("a name is found as other systems have written it") {
  const Folder folder;
  folder.write("d-e\u0301/" + in_three, "one");
  for (const auto following : {Following::kernel, Following::step_by_step}) {
    const Sandbox sandbox = folder.sandbox(following);
    const Place place = sandbox.find("d-\u00e9/" + whole);
    CHECK(place.exists);
    CHECK(place.real_path == folder.inside("d-e\u0301/" + in_three));
    CHECK(sandbox.find_link("d-\u00e9/" + in_two).exists);
    CHECK_FALSE(sandbox.find("d-\u00e9/\u00e4.txt").exists);
    CHECK_FALSE(sandbox.find("D-\u00e9").exists);  // its letters are others
  }
  // What is written goes into that file, not into another one beside it.
  const Sandbox sandbox = folder.sandbox();
  write_file(sandbox.find("d-\u00e9/" + whole), "two");
  CHECK(read_text(sandbox.find("d-e\u0301/" + in_three), 0, {}, no_hurry()).text == "two");
  folder.write("d-e\u0301/" + in_two, "three");
  CHECK(failure_of([&] { sandbox.find("d-\u00e9/" + whole); }) ==
        "Ambiguous Unicode path component: " + whole);
  CHECK(sandbox.find("d-\u00e9/" + in_two).name == in_two);
}

TEST_CASE("a name in other bytes is checked like any other") {
  const Folder folder;
  folder.link("e\u0301", folder.outside());
  const Sandbox sandbox = folder.sandbox();
  CHECK(failure_of([&] { sandbox.find("\u00e9/secret.txt"); }) ==
        "Access denied - symlink target outside allowed directories: \u00e9/secret.txt");
}
