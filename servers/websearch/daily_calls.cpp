#include "servers/websearch/daily_calls.h"

namespace fairlead::websearch {

bool DailyCalls::take(const std::string& service, std::size_t most) {
  StoreFile::Writing writing(file_);
  bool taken = false;
  {
    // A clock that is set back a little begins no new day.
    Statement count(writing.get(),
                    "INSERT INTO service_calls (service, day_begin, calls) VALUES (?1, ?2, 1) "
                    "ON CONFLICT (service) DO UPDATE SET "
                    "calls = iif(abs(?2 - day_begin) >= 86400, 1, calls + 1), "
                    "day_begin = iif(abs(?2 - day_begin) >= 86400, ?2, day_begin) "
                    "WHERE calls < ?3 OR abs(?2 - day_begin) >= 86400 RETURNING calls");
    count.bind(1, service).bind(2, now_()).bind(3, static_cast<std::int64_t>(most));
    while (count.step()) taken = true;
  }
  writing.commit();
  return taken;
}

}  // namespace fairlead::websearch
