#pragma once

#include <mutex>

#include <client/model/model.h>
#include <client/replay/recording.h>

namespace fairlead::agent {

/// A model that passes everything on to another one and keeps what was said.
class Recorder : public Model {
 public:
  /// `model` must outlive the recorder.
  explicit Recorder(Model& model) : model_(model) {}

  ModelReply reply(const ModelRequest& request, ModelListener& listener,
                   std::stop_token stop) override;
  std::string name() const override { return model_.name(); }

  /// What has been heard so far. Any thread.
  Recording recording() const;

 private:
  Model& model_;
  mutable std::mutex mutex_;
  Recording recording_;
};

}  // namespace fairlead::agent
