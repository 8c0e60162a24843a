#include "servers/websearch/failure.h"

namespace fairlead::websearch {

const char* name_of(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::bad_url:
      return "bad_url";
    case Failure::Kind::forbidden:
      return "forbidden";
    case Failure::Kind::robots:
      return "robots";
    case Failure::Kind::network:
      return "network";
    case Failure::Kind::timeout:
      return "timeout";
    case Failure::Kind::status:
      return "status";
    case Failure::Kind::cancelled:
      return "cancelled";
    case Failure::Kind::other:
      break;
  }
  return "failed";
}

}  // namespace fairlead::websearch
