#include <mcp/server/round.h>

#include <cmath>
#include <utility>

#include <mcp/base/canonical_json.h>
#include <mcp/base/digest.h>

namespace mcp::server {

void Round::merge(const InputResponses& responses) {
  for (const auto& [key, value] : responses) {
    const auto question = asked.find(key);
    // An answer that is bound to its question is not replaced by one that was not asked for.
    if (question == asked.end() && answers.contains(key)) continue;
    answers[key] = {question == asked.end() ? std::string() : question->second, value};
    if (question != asked.end()) asked.erase(question);
  }
}

Json Round::to_json() const {
  Json json = {{"number", number}, {"nonce", nonce}, {"asked", asked}, {"steps", steps}};
  if (std::isfinite(progress)) json["progress"] = progress;
  Json& list = json["answers"] = Json::object();
  for (const auto& [key, answer] : answers) {
    // What nobody asked for and no handler read is not worth carrying.
    if (!answer.question.empty()) list[key] = Json::array({answer.question, answer.value});
  }
  return json;
}

Round Round::from_json(const Json& json) {
  Round round;
  round.number = json.at("number").get<int>();
  round.nonce = json.at("nonce").get<std::string>();
  round.asked = json.at("asked").get<std::map<std::string, std::string>>();
  for (const auto& [key, value] : json.at("steps").items()) round.steps[key] = value;
  if (const auto progress = json.find("progress"); progress != json.end())
    round.progress = progress->get<double>();
  for (const auto& [key, answer] : json.at("answers").items())
    round.answers[key] = {answer.at(0).get<std::string>(), answer.at(1)};
  return round;
}

std::string question_digest(const InputRequest& request, Revision revision) {
  const Json question = Json::array({method_of(request), to_json(request, revision)});
  return sha256_hex(canonical_json(question)).substr(0, 32);
}

}  // namespace mcp::server
