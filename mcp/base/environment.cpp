#include <mcp/base/environment.h>

#include <stdexcept>

#include <sodium.h>

namespace mcp {
namespace {

class SystemEnvironment final : public Environment {
 public:
  SystemEnvironment() {
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be initialised");
  }
  std::chrono::system_clock::time_point wall_clock() const override {
    return std::chrono::system_clock::now();
  }
  void random_bytes(std::span<std::byte> bytes) override {
    randombytes_buf(bytes.data(), bytes.size());
  }
};

}  // namespace

std::unique_ptr<Environment> make_environment() {
  return std::make_unique<SystemEnvironment>();
}

}  // namespace mcp
