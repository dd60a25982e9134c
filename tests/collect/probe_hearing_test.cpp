// What the frames of a probe say, where no driver is needed to say it.
#include "collect/probe_hearing.h"

#include <gtest/gtest.h>

namespace cufit::collect {
namespace {

void hear_call(ProbeHearing& hearing, const std::string& name) {
  hearing.hear({kWireCalling, {{"call", kWireText, 0, name}}});
  hearing.hear({kWireCalled, {{"code", kWireNumber, 0, {}}}});
}

// A driver may write what it likes; and the proof of a command that tried nothing is taken away.
TEST(ProbeHearing, WhatComesBehindACommandIsNotOfItsProof) {
  CudaAnswers answers;
  answers.gpus.resize(1);
  CudaHearing hearing(answers);
  hearing.prove(0, {});
  hear_call(hearing, "cuCtxSetCurrent");
  EXPECT_EQ(answers.gpus[0].proofs.at(0).call, "cuCtxSetCurrent");
  hearing.hear({kWireReady, {}});
  hear_call(hearing, "cuModuleUnload");
  EXPECT_EQ(answers.gpus[0].proofs.at(0).call, "cuCtxSetCurrent");
}

}  // namespace
}  // namespace cufit::collect
