#include <doctest/doctest.h>

#include <mcp/protocol/lifecycle.h>
#include <mcp/protocol/revision.h>

using mcp::Revision;

TEST_CASE("revisions are told by their dates") {
  CHECK(mcp::supported_versions() == std::vector<std::string>{"2024-11-05", "2025-03-26",
                                                              "2025-06-18", "2025-11-25",
                                                              "2026-07-28"});
  for (Revision revision : mcp::all_revisions) {
    CHECK(mcp::parse_revision(mcp::to_string(revision)) == revision);
  }
  for (const char* date : {"", "2025-11-26", "2025-11-25 ", "DRAFT-2026-v1", "v999.0.0"}) {
    CAPTURE(date);
    CHECK_FALSE(mcp::parse_revision(date));
  }
}

TEST_CASE("initialize agrees on what was asked, else on the newest of its era") {
  CHECK(mcp::to_string(mcp::negotiate_session("2024-11-05")) == "2024-11-05");
  CHECK(mcp::to_string(mcp::negotiate_session("2025-06-18")) == "2025-06-18");
  CHECK(mcp::to_string(mcp::negotiate_session("2025-11-25")) == "2025-11-25");
  CHECK(mcp::to_string(mcp::negotiate_session("2026-07-28")) == "2025-11-25");
  CHECK(mcp::to_string(mcp::negotiate_session("1999-01-01")) == "2025-11-25");
  CHECK(mcp::to_string(mcp::negotiate_session("")) == "2025-11-25");
}

TEST_CASE("a client takes the newest stateless revision that it knows") {
  using Dates = std::vector<std::string>;
  CHECK(mcp::newest_stateless(Dates{"2025-11-25", "2026-07-28", "2030-01-01"}) ==
        Revision::v2026_07_28);
  CHECK_FALSE(mcp::newest_stateless(Dates{"2025-11-25", "2030-01-01"}));
  CHECK_FALSE(mcp::newest_stateless(Dates{}));
}

TEST_CASE("an unsupported version is answered with what is supported") {
  mcp::Error error = mcp::unsupported_protocol_version("v999.0.0");
  CHECK(error.code() == -32022);
  CHECK(error.data()["requested"] == "v999.0.0");
  CHECK(error.data()["supported"].size() == 5);
}

TEST_CASE("how messages travel, revision by revision") {
  struct Row {
    const char* what;
    bool (*has)(Revision);
    std::array<bool, 5> expected;
  };
  const Row table[] = {
      {"batches", [](Revision r) { return mcp::allows_batch(r); }, {0, 1, 0, 0, 0}},
      {"primed streams", [](Revision r) { return mcp::primes_streams(r); }, {0, 0, 0, 1, 0}},
      {"no id when unreadable",
       [](Revision r) { return mcp::omits_unreadable_id(r); },
       {0, 0, 0, 1, 1}},
      {"version header", [](Revision r) { return mcp::has_version_header(r); }, {0, 0, 1, 1, 1}},
      {"routing headers", [](Revision r) { return mcp::has_routing_headers(r); }, {0, 0, 0, 0, 1}},
      {"result type", [](Revision r) { return mcp::requires_result_type(r); }, {0, 0, 0, 0, 1}},
      {"input required", [](Revision r) { return mcp::uses_input_required(r); }, {0, 0, 0, 0, 1}},
      {"elicitation", [](Revision r) { return mcp::has_elicitation(r); }, {0, 0, 1, 1, 1}},
      {"URL mode", [](Revision r) { return mcp::has_elicitation_url(r); }, {0, 0, 0, 1, 1}},
      {"error -32042",
       [](Revision r) { return mcp::has_url_elicitation_error(r); },
       {0, 0, 0, 1, 0}},
      {"session methods", [](Revision r) { return mcp::has_session_methods(r); }, {1, 1, 1, 1, 0}},
      {"stateless methods",
       [](Revision r) { return mcp::has_stateless_methods(r); },
       {0, 0, 0, 0, 1}},
      {"stateless era",
       [](Revision r) { return mcp::era(r) == mcp::Era::stateless; },
       {0, 0, 0, 0, 1}},
      {"not found is -32002",
       [](Revision r) { return mcp::resource_not_found_code(r) == -32002; },
       {1, 1, 1, 1, 0}},
      {"not found is -32602",
       [](Revision r) { return mcp::resource_not_found_code(r) == -32602; },
       {0, 0, 0, 0, 1}},
  };
  for (const Row& row : table) {
    for (std::size_t i = 0; i < 5; ++i) {
      CAPTURE(row.what);
      CAPTURE(mcp::to_string(mcp::all_revisions[i]));
      CHECK(row.has(mcp::all_revisions[i]) == row.expected[i]);
    }
  }
}
