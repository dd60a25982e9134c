// What must hold for every world.
#include <random>

#include "judge/world.h"

namespace cufit::testing {
namespace {

using Rng = std::mt19937;

template <class T>
T pick(Rng& rng, std::initializer_list<T> list) {
  return *(list.begin() + std::uniform_int_distribution<size_t>(0, list.size() - 1)(rng));
}

unsigned below(Rng& rng, unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(rng); }

Image random_image(Rng& rng) {
  Image i;
  i.kind = pick(
      rng, {Image::Kind::sass, Image::Kind::sass, Image::Kind::ptx, Image::Kind::lto, Image::Kind::other});
  i.target = Sm::from_number(pick(rng, {30u, 50u, 61u, 70u, 72u, 75u, 80u, 86u, 87u, 89u, 90u, 100u, 101u,
                                        103u, 110u, 120u, 121u, 130u}),
                             pick(rng, {Sm::Suffix::none, Sm::Suffix::none, Sm::Suffix::a, Sm::Suffix::f}));
  i.isa = i.kind == Image::Kind::sass
              ? pick<Isa>(rng, {{1, 7}, {1, 8}, {0, 0}})
              : pick<Isa>(rng, {{6, 4}, {7, 0}, {7, 8}, {8, 4}, {9, 0}, {9, 5}, {12, 0}, {0, 0}});
  i.packing = pick(rng, {Packing::none, Packing::none, Packing::lz4, Packing::zstd});
  i.empty = below(rng, 8) == 0, i.relocatable = below(rng, 8) == 0;
  return i;
}

Binary random_binary(Rng& rng) {
  Binary b;
  b.path = "lib/f" + std::to_string(below(rng, 100)) + ".so";
  b.format = Binary::Format(below(rng, 5));
  for (unsigned n = below(rng, 4); n > 0; n--) {
    ModuleShape m;
    m.count = below(rng, 4), m.link = ModuleShape::Link(below(rng, 4));
    for (unsigned k = below(rng, 5); k > 0; k--) m.images.push_back(random_image(rng));
    std::ranges::sort(m.images);
    b.shapes.push_back(m);
  }
  if (below(rng, 2))
    b.dyn.needed = {
        pick<std::string>(rng, {"libcudart.so.12", "libcudart.so.11.0", "libcudart.so.13", "libcudart.so.9.1",
                                "libcudart.so.14", "libcuda.so.1", "libc.so.6"})};
  if (below(rng, 2))
    b.toolkits = {version(pick<std::string>(rng, {"9.1", "11.8", "12.4", "13.0", "13.5", "14.2"}))};
  if (below(rng, 6) == 0)
    b.unread = {{b.path, 7, {pick<std::string>(rng, {"gap.truncated", "gap.elf-class"})}}};
  return b;
}

World random_world(Rng& rng) {
  World w;
  for (unsigned s = 0; s < 2; s++) {
    Subject x;
    x.id = "s" + std::to_string(s);
    x.kind = Subject::Kind(below(rng, 4));
    for (unsigned n = below(rng, 4); n > 0; n--)
      x.members.push_back({random_binary(rng), Role(below(rng, 5))});
    w.subjects.push_back(x);
  }
  unsigned id = 0;
  for (auto name : {pick(rng, {"a100", "rtx4090", "h100", "v100"}),
                    pick(rng, {"gtx1080ti", "b200", "rtx5090", "gb10", "orin", "sm_110", "sm_131"})})
    w.machine.gpus.push_back(gpu(name, "gpu" + std::to_string(id++)));
  if (below(rng, 4) > 0)
    w.machine.driver.version = {
        version(
            pick<std::string>(rng, {"390.157", "410.48", "450.51.05", "470.129.06", "515.48.07", "520.61.05",
                                    "525.53", "525.60.13", "535.129.03", "550.54.14", "560.35.03",
                                    "570.133.07", "580.95.05", "595.45.04", "990.1", "1.2"})),
        {}};
  if (below(rng, 3) == 0) w.machine.env["CUDA_FORCE_PTX_JIT"] = pick<std::string>(rng, {"1", "0", ""});
  if (below(rng, 3) == 0) w.machine.env["CUDA_DISABLE_JIT"] = pick<std::string>(rng, {"1", "0", "x"});
  if (below(rng, 3) == 0)
    w.machine.env["CUDA_VISIBLE_DEVICES"] =
        pick<std::string>(rng, {"0", "", "0,0", ",", "GPU-", "99999999999999999999"});
  return w;
}

constexpr unsigned worlds = 150;

TEST(Properties, EveryJudgementIsComplete) {
  Rng rng(1);
  for (unsigned i = 0; i < worlds; i++) {
    auto world = random_world(rng);
    auto report = judge(world, Knowledge::builtin());
    ASSERT_EQ(report.judgements.size(), world.subjects.size() * world.machine.gpus.size());
    for (auto& j : report.judgements) {
      EXPECT_EQ(j.verdict == Verdict::unfit, j.fails.has_value());
      if (j.fails) {
        EXPECT_GT(j.fails->code, 0);
        EXPECT_FALSE(j.fails->name.empty() || j.fails->call.empty() || j.fails->seen_as.empty());
      }
      EXPECT_TRUE(find_rule(j.why.rule)) << j.why.rule;
      EXPECT_FALSE(j.why.text.empty());
      EXPECT_EQ(j.why.says, j.verdict) << j.why.text.id;
      if (j.verdict == Verdict::limited) {
        EXPECT_FALSE(j.limits.empty());
      }
      auto& c = j.coverage;
      EXPECT_GE(c.modules, c.native + c.compatible + c.ptx + c.none);
    }
    for (auto& f : report.findings) {
      EXPECT_FALSE(f.cause.empty() || f.on.empty());
      for (size_t i = 0; i < f.remedies.size(); i++) {
        auto& r = f.remedies[i];
        if (!r.checked) continue;
        ASSERT_TRUE(r.after);
        // One that is not enough alone is proposed only with what it takes besides.
        bool first_of_two = i + 1 < f.remedies.size() && f.remedies[i + 1].besides;
        if (first_of_two)
          EXPECT_EQ(*r.after, Verdict::unfit);
        else
          EXPECT_LT(*r.after, Verdict::unknown);
      }
    }
  }
}

/// A judgement by the ids of what it is about.
std::map<std::pair<std::string, std::string>, Judgement> by_place(const Report& report) {
  std::map<std::pair<std::string, std::string>, Judgement> all;
  for (auto& j : report.judgements) all[{j.subject, j.gpu}] = j;
  return all;
}

TEST(Properties, OrderOfTargetsAndGpusIsIrrelevant) {
  Rng rng(2);
  for (unsigned i = 0; i < worlds; i++) {
    auto world = random_world(rng);
    auto forward = by_place(judge(world, Knowledge::builtin()));
    std::ranges::reverse(world.subjects);
    std::ranges::reverse(world.machine.gpus);
    EXPECT_EQ(forward, by_place(judge(world, Knowledge::builtin())));
  }
}

TEST(Properties, NewerDriverOfABranchIsNeverWorse) {
  Rng rng(3);
  for (unsigned i = 0; i < worlds; i++) {
    auto world = random_world(rng);
    for (auto [older, newer] : {std::pair("450.51.05", "450.248.02"),
                                {"525.53", "525.147.05"},
                                {"550.40.07", "550.163.01"},
                                {"580.65.06", "580.159.04"}}) {
      world.machine.driver.version = {version(older), {}};
      auto before = judge(world, Knowledge::builtin());
      world.machine.driver.version = {version(newer), {}};
      auto after = judge(world, Knowledge::builtin());
      for (size_t n = 0; n < before.judgements.size(); n++)
        EXPECT_LE(after.judgements[n].verdict, before.judgements[n].verdict)
            << older << ' ' << after.judgements[n].why.text.id;
    }
  }
}

TEST(Properties, ConditionHoldsAndIsTheLeast) {
  Rng rng(4);
  unsigned seen = 0;
  for (unsigned i = 0; i < worlds; i++) {
    auto world = random_world(rng);
    world.machine.driver = {};
    auto open = judge(world, Knowledge::builtin());
    for (size_t n = 0; n < open.judgements.size(); n++) {
      auto& j = open.judgements[n];
      if (!j.needs.driver) continue;
      seen++;
      world.machine.driver.version = {*j.needs.driver, {}};
      EXPECT_EQ(judge(world, Knowledge::builtin()).judgements[n].verdict, j.verdict);
    }
  }
  EXPECT_GT(seen, 20u);
}

}  // namespace
}  // namespace cufit::testing
