#pragma once

#include <map>
#include <memory>
#include <string>

#include <client/config/model_config.h>
#include <client/model/router.h>

namespace fairlead::agent {

/// The models of a configuration behind one access layer: what one conversation learns of a broken
/// deployment, all others know. Thread-safe.
class ConfiguredModels : public std::enable_shared_from_this<ConfiguredModels> {
 public:
  explicit ConfiguredModels(ModelConfig config, ModelClock clock = ModelClock::system());

  /// A model or a chain by name, or by rules for "auto"; empty: the configuration's default.
  /// Throws std::invalid_argument for a name that is not there. Keeps this object alive.
  std::unique_ptr<Model> model(const std::string& name);

  /// Where a request for that name goes; the models are there, chains are opened up.
  Route route(const std::string& name, const ModelRequest& request) const;

  ModelAccess& access() { return access_; }

 private:
  ModelConfig config_;
  ModelAccess access_;
  Router router_;
};

}  // namespace fairlead::agent
