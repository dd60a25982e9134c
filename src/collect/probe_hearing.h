// What the frames of one child say, into the model. Pure: no process, no clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/probe_frames.h"
#include "model/probed.h"

namespace cufit::collect {

/// What a call gave for one fact: a field, or why there is none.
struct ToldFact {
  Source from;
  const ProbeField* field = nullptr;  ///< null: none
  std::string why;                    ///< of Fact::why; with neither, it is absent
};

/// What is the same for both libraries: how the asking goes, and which call is about which fact.
class ProbeHearing {
 public:
  explicit ProbeHearing(Asking& asking) : asking_(asking) {}
  virtual ~ProbeHearing() = default;
  ProbeHearing(const ProbeHearing&) = delete;

  void hear(const ProbeFrame& frame);

  /// Its end, if it has come to none by itself. Facts that were being asked for are Unreadable.
  void end(Asking::End how_it_ended, std::string how);

  bool ended() const { return ended_; }
  bool waits() const { return waits_; }  ///< for a command; until obeys()
  void obeys() { waits_ = false; }
  bool runs() const { return runs_; }       ///< it was heard of
  int refused() const { return refused_; }  ///< errno with which it could not be executed; 0: it could
  void again() { refused_ = 0; }            ///< it is executed from elsewhere
  void took(std::chrono::microseconds);

 protected:
  /// `on` is what the frames name: a device, two devices, or nothing. Facts that are not known are left out.
  virtual void take(std::string_view on, std::string_view fact, const ToldFact&) = 0;
  /// All facts of a device.
  virtual void take_all(std::string_view on, const ToldFact&) = 0;
  virtual void process(std::string_view, const ProbeFrame&) {}
  /// A call came to its end, or never will.
  virtual void call_ended(const DriverCall&) {}
  virtual void proved(const ProbeFrame&) {}
  virtual void command_ended() {}
  /// "not supported": the question makes no sense on this machine.
  virtual bool is_absent_code(uint32_t) const { return false; }

 private:
  void calling(const ProbeFrame&);
  void called(const ProbeFrame&);
  void failed(const std::string& why, bool absent);
  void opened(const ProbeFrame&);
  void mapped(const ProbeFrame&);

  Asking& asking_;
  bool ended_ = false, waits_ = false, runs_ = false;
  int refused_ = 0;
  bool in_call_ = false;
  std::vector<std::string> asks_;  ///< the facts that the call now is for
};

class NvmlHearing final : public ProbeHearing {
 public:
  explicit NvmlHearing(NvmlAnswers& answers) : ProbeHearing(answers.asking), answers_(answers) {}

 private:
  void take(std::string_view on, std::string_view fact, const ToldFact&) override;
  void take_all(std::string_view on, const ToldFact&) override;
  void process(std::string_view on, const ProbeFrame&) override;
  void call_ended(const DriverCall&) override;
  bool is_absent_code(uint32_t code) const override { return code == 3; }  // NVML_ERROR_NOT_SUPPORTED

  NvmlAnswers& answers_;
};

class CudaHearing final : public ProbeHearing {
 public:
  explicit CudaHearing(CudaAnswers& answers) : ProbeHearing(answers.asking), answers_(answers) {}

  /// The next calls are to prove this, on a device that was heard of.
  void prove(size_t device, Proof what);
  /// The proof ended well.
  bool worked() const { return worked_; }

 private:
  void take(std::string_view on, std::string_view fact, const ToldFact&) override;
  void take_all(std::string_view on, const ToldFact&) override;
  void call_ended(const DriverCall&) override;
  void proved(const ProbeFrame&) override;
  void command_ended() override { device_.reset(); }

  CudaAnswers& answers_;
  Proof* proving();
  std::optional<size_t> device_;  ///< whose last proof is going on
  bool worked_ = false;
};

}  // namespace cufit::collect
