// Data files read at run time: what they may add, and that each thing that is wrong in them is named with its
// place.
#include <gtest/gtest.h>

#include "data_directory.h"
#include "knowledge/builtin_tables.h"
#include "knowledge/gpu_lookup.h"
#include "knowledge/load.h"

namespace cufit {
namespace {

Result<Knowledge> with(const DataDirectory& directory) {
  std::vector<std::string> directories = {directory.path()};
  return Knowledge::with_directories(directories);
}

constexpr std::string_view invented = R"(date = "2027-02-01"

[[chip]]
id = "XY100"
cc = "13.0"
architecture = "Invented"
not_before = "630"
known_from = "635.10"
confidence = "low"
sources = ["invented for this test"]

[[gpu]]
id = "x1000"
names = ["NVIDIA X1000-SXM9-1TB"]
aliases = ["the big one"]
pci_ids = ["F001"]
chip = "XY100"
cc = "13.0"
confidence = "low"
sources = ["invented for this test"]

[[driver]]
id = "R635"
first_version = "635.10"
cuda = "14.0"
driver_api_version = 14000
type = "ltsb"
eol = "2030-01"
confidence = "low"
sources = ["invented for this test"]

[[toolkit]]
id = "14.0"
branch = "R635"
native_driver_ga = "635.10"
minor_compat_driver = "635.10"
driver_api_version = 14000
ptx_isa = "10.0"
sass_targets = ["130", "130a"]
ptx_targets = ["130", "130a"]
confidence = "low"
sources = ["invented for this test"]

[[ptx_target]]
id = "130a"
min_isa = "10.0"
accepted_for = [{ from = "14.0", gpus = ["130"] }]
confidence = "low"
sources = ["invented for this test"]

[[role]]
id = "mine"
patterns = ["libmine?.so*"]
role = "variant"
confidence = "low"
sources = ["invented for this test"]
)";

TEST(DataDirectory, AddsHardwareDriversAndToolkits) {
  DataDirectory directory;
  directory.add("new.toml", invented).add("readme.txt", "not data");
  auto k = with(directory);
  ASSERT_TRUE(k) << k.error().to_string();
  EXPECT_EQ(k->date(), "2027-02-01");
  for (auto query : {"x1000", "NVIDIA X1000-SXM9-1TB", "the big one", "10de:f001", "XY100", "13.0"}) {
    auto found = find_gpu(*k, query);
    ASSERT_EQ(found.candidates.size(), 1u) << query;
    EXPECT_EQ(found.candidates[0].sm, (Sm{13, 0})) << query;
    EXPECT_TRUE(found.candidates[0].in_table) << query;
    EXPECT_EQ(found.candidates[0].drivers.known_from.text, "635.10") << query;
  }
  EXPECT_EQ(k->driver_cuda(Version::parse("635.20").value(), Machine::Platform::linux).cuda, (Cuda{14, 0}));
  EXPECT_EQ(k->toolkit_floor({14, 1}, Machine::Platform::linux)->driver.text, "635.10");
  EXPECT_EQ(k->ptx_isa({14, 0}), (Isa{10, 0}));
  EXPECT_EQ(k->ptx_target_accepts({13, 0, Sm::Suffix::a}, {13, 0}, {14, 0}), Answer::yes);
  EXPECT_EQ(k->maintained_branches()[0]->id, "R635");
  EXPECT_EQ(k->role_of("lib/libmine7.so.1"), Role::variant);
  // All that was there is there still.
  EXPECT_EQ(k->tables().gpus.size(), builtin_tables.gpus.size() + 1);
  EXPECT_EQ(find_gpu(*k, "a800").candidates[0].name, "A800");
  EXPECT_EQ(Knowledge::builtin().toolkit({14, 0}), nullptr);
}

TEST(DataDirectory, RowWithTheSameIdReplaces) {
  DataDirectory first, second;
  auto row = [](std::string_view note) {
    return "[[role]]\nid = \"cublas\"\npatterns = [\"libcublas*\"]\nrole = \"" + std::string(note) +
           "\"\nconfidence = \"low\"\nsources = [\"invented\"]\n";
  };
  first.add("a.toml", row("optional"));
  second.add("b.toml", row("variant"));
  std::vector<std::string> directories = {first.path(), second.path()};
  auto k = Knowledge::with_directories(directories);
  ASSERT_TRUE(k) << k.error().to_string();
  EXPECT_EQ(k->role_of("libcublas.so.12"), Role::variant);  // the later directory wins
  EXPECT_EQ(k->tables().roles.size(), builtin_tables.roles.size());
  EXPECT_EQ(Knowledge::builtin().role_of("libcublas.so.12"), Role::math);
}

TEST(DataDirectory, CopiesShareTheirMemory) {
  DataDirectory directory;
  directory.add("new.toml", invented);
  auto k = with(directory);
  ASSERT_TRUE(k);
  Knowledge copy = *k;
  k = fail("gone");
  EXPECT_EQ(copy.gpu("x1000")->names[0], "NVIDIA X1000-SXM9-1TB");
}

TEST(DataDirectory, EmptyIsFine) {
  DataDirectory directory;
  auto k = with(directory);
  ASSERT_TRUE(k);
  EXPECT_EQ(k->tables().gpus.size(), builtin_tables.gpus.size());
  EXPECT_TRUE(Knowledge::with_directories({}));
}

TEST(DataDirectory, MissingIsAnError) {
  std::vector<std::string> directories = {"/no/such/directory"};
  auto k = Knowledge::with_directories(directories);
  ASSERT_FALSE(k);
  EXPECT_EQ(k.error().file, "/no/such/directory");
}

TEST(DataDirectory, SpecialFilesAreNotRead) {
  DataDirectory directory;
  std::filesystem::create_directory(directory.path() + "/folder.toml");
  auto k = with(directory);
  ASSERT_FALSE(k);
  EXPECT_EQ(k.error().to_string(), directory.path() + "/folder.toml: not a regular file");
}

TEST(SourceTree, DataGivesTheCompiledTables) {
  TableLoader loader;
  auto added = loader.add_directory(CUFIT_SOURCE_DIR "/data");
  ASSERT_TRUE(added) << added.error().to_string();
  EXPECT_TRUE(loader.check().empty());
  auto tables = loader.tables();
  EXPECT_EQ(tables.date, builtin_tables.date);
  auto same_ids = [&](auto member) {
    ASSERT_EQ((tables.*member).size(), (builtin_tables.*member).size());
    for (size_t i = 0; i < (tables.*member).size(); i++)
      EXPECT_EQ((tables.*member)[i].id, (builtin_tables.*member)[i].id);
  };
  std::apply([&](auto... member) { (same_ids(member), ...); }, Tables::members());
}

/// One wrong thing; `line` is where the message must point.
struct Broken {
  const char* name;
  const char* text;
  int line;
  const char* message;
};

class BrokenData : public testing::TestWithParam<Broken> {};

TEST_P(BrokenData, IsNamedWithFileAndLine) {
  DataDirectory directory;
  directory.add("broken.toml", GetParam().text);
  auto k = with(directory);
  ASSERT_FALSE(k);
  auto message = k.error().to_string();
  auto place = directory.path() + "/broken.toml:" + std::to_string(GetParam().line) + ": ";
  EXPECT_TRUE(message.starts_with(place)) << message;
  EXPECT_NE(message.find(GetParam().message), message.npos) << message;
}

#define SOURCED "confidence = \"low\"\nsources = [\"invented\"]\n"

constexpr Broken broken[] = {
    // the file
    {"Syntax", "date = \"2026-11-25\"\n[[gpu]\n", 2, "expected"},
    {"NotUtf8", "a = \"\xff\xfe\"\n", 1, ""},
    {"UnknownTable", "[[gpus]]\nid = \"x\"\n", 1, "there is no table 'gpus'"},
    {"NotRows", "\ngpu = 3\n", 2, "rows are written as [[gpu]]"},
    {"RowsOfNumbers", "gpu = [1, 2]\n", 1, "rows are written as [[gpu]]"},
    {"Date", "date = 2026\n", 1, "'date' should be"},
    {"DateForm", "date = \"2026-1-1\"\n", 1, "'date' should be"},
    {"SameIdTwice",
     "[[role]]\nid = \"a\"\npatterns = [\"a\"]\nrole = \"core\"\n" SOURCED
     "[[role]]\nid = \"a\"\npatterns = [\"b\"]\nrole = \"core\"\n" SOURCED,
     7, "role 'a' is already in"},
    // fields
    {"MissingField", "[[role]]\nid = \"a\"\nrole = \"core\"\n" SOURCED, 1, "role 'a': 'patterns' is missing"},
    {"MissingConfidence", "[[role]]\nid = \"a\"\npatterns = [\"a\"]\nrole = \"core\"\nsources = [\"x\"]\n", 1,
     "'confidence' is missing"},
    {"MissingSources", "[[role]]\nid = \"a\"\npatterns = [\"a\"]\nrole = \"core\"\nconfidence = \"low\"\n", 1,
     "'sources' is missing"},
    {"EmptySources",
     "[[role]]\nid = \"a\"\npatterns = [\"a\"]\nrole = \"core\"\nconfidence = \"low\"\nsources = []\n", 1,
     "a source is needed"},
    {"UnknownField", "[[role]]\nid = \"a\"\npatterns = [\"a\"]\nrole = \"core\"\nrolle = 1\n" SOURCED, 5,
     "there is no field 'rolle'"},
    {"DerivedField", "[[error]]\nid = \"1\"\ncode = 1\nmeaning = \"m\"\n" SOURCED, 3,
     "there is no field 'code'"},
    {"WrongType", "[[role]]\nid = \"a\"\npatterns = \"a\"\nrole = \"core\"\n" SOURCED, 3,
     "'patterns' should be an array"},
    {"WrongItem", "[[role]]\nid = \"a\"\npatterns = [1]\nrole = \"core\"\n" SOURCED, 3,
     "'patterns' should be a string"},
    {"UnknownWord", "[[role]]\nid = \"a\"\npatterns = [\"a\"]\nrole = \"kernel\"\n" SOURCED, 4,
     "'role' should be one of core, math, optional, variant, jit-compiler, on-request, dispatching"},
    {"WrongSm", "[[chip]]\nid = \"X\"\ncc = \"8.9.1\"\narchitecture = \"X\"\n" SOURCED, 3, "'cc' should be"},
    {"WrongDriver",
     "[[chip]]\nid = \"X\"\ncc = \"8.9\"\narchitecture = \"X\"\nknown_from = \"R525\"\n" SOURCED, 5,
     "'known_from' should be a driver version"},
    {"WrongNumber", "[[error]]\nid = \"1\"\nmeaning = \"m\"\nlegacy_runtime_code = -1\n" SOURCED, 4,
     "whole number"},
    {"WrongBool", "[[error]]\nid = \"1\"\nmeaning = \"m\"\nsticky_context = \"no\"\n" SOURCED, 4,
     "true or false"},
    {"WrongCuda", "[[forward_compat]]\nid = \"x\"\nkind = \"package\"\ncuda = \"12\"\n" SOURCED, 4,
     "'cuda' should be a CUDA version"},
    {"NotATable",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\nchip = \"AD102\"\ncc = \"8.9\"\nfirst_driver = 5\n" SOURCED, 6,
     "a table"},
    {"FieldOfATable",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\nchip = \"AD102\"\ncc = \"8.9\"\nfirst_driver = { versoin = \"1\" "
     "}\n" SOURCED,
     6, "gpu 'x'.first_driver: there is no field 'versoin'"},
    // ids
    {"ToolkitId",
     "[[toolkit]]\nid = \"12\"\nbranch = \"R525\"\ndriver_api_version = 12000\nptx_isa = \"8.0\"\n" SOURCED,
     1, "is not of its form"},
    {"DriverId",
     "[[driver]]\nid = \"470\"\nfirst_version = \"470.1\"\ncuda = \"11.4\"\ndriver_api_version = 11040\ntype "
     "= \"pb\"\n" SOURCED,
     1, "is not of its form"},
    {"ErrorId", "[[error]]\nid = \"x\"\nmeaning = \"m\"\n" SOURCED, 1, "is not of its form"},
    {"TargetId", "[[ptx_target]]\nid = \"sm_90a\"\nmin_isa = \"8.0\"\n" SOURCED, 1, "is not of its form"},
    {"EmptyId", "[[role]]\nid = \"\"\npatterns = [\"a\"]\nrole = \"core\"\n" SOURCED, 1, "the id is empty"},
    // gpus
    {"GpuChip", "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\nchip = \"ZZ1\"\ncc = \"8.9\"\n" SOURCED, 1,
     "'chip' names 'ZZ1', which has no row"},
    {"GpuNames", "[[gpu]]\nid = \"x\"\nnames = []\nchip = \"AD102\"\ncc = \"8.9\"\n" SOURCED, 1,
     "a name is needed"},
    {"GpuCapability", "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\nchip = \"AD102\"\ncc = \"8.6\"\n" SOURCED, 1,
     "compute capability 8.6, but chip AD102 has 8.9"},
    {"GpuLastBranch",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\nchip = \"GP102\"\ncc = \"6.1\"\nlast_driver_branch = "
     "\"R470\"\n" SOURCED,
     1, "last_driver_branch 'R470', but chip GP102 has 'R580'"},
    {"GpuFirstDriverBranch",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\nchip = \"AD102\"\ncc = \"8.9\"\nfirst_driver = { branch = "
     "\"R525\", version = "
     "\"535.1\" }\n" SOURCED,
     1, "is not of branch 'R525'"},
    {"GpuFirstDriverNoBranch",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\nchip = \"AD102\"\ncc = \"8.9\"\nfirst_driver = { branch = "
     "\"R526\" }\n" SOURCED,
     1, "names driver branch 'R526', which has no row"},
    {"GpuFirstDriverBeforeChip",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\nchip = \"GB202\"\ncc = \"12.0\"\nfirst_driver = { branch = "
     "\"R550\", version = "
     "\"550.54.14\" }\n" SOURCED,
     1, "is older than the floor of chip GB202"},
    {"GpuToolkit",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\nchip = \"AD102\"\ncc = \"8.9\"\nfirst_toolkit = "
     "\"11.9\"\n" SOURCED,
     1, "'first_toolkit' names toolkit 11.9, which has no row"},
    {"GpuPciForm",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\npci_ids = [\"26b1\"]\nchip = \"AD102\"\ncc = \"8.9\"\n" SOURCED,
     1, "is not a PCI device id"},
    {"GpuPciTwice",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\npci_ids = [\"2684\"]\nchip = \"AD102\"\ncc = \"8.9\"\n" SOURCED,
     1, "PCI id 2684 also belongs to 'rtx-4090' and is not marked as shared"},
    {"GpuSharedPci",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\nshared_pci_ids = [\"F001\"]\nchip = \"AD102\"\ncc = "
     "\"8.9\"\n" SOURCED,
     1, "which is not in 'pci_ids'"},
    {"GpuChipByPciCapability",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\npci_ids = [\"F001\"]\nchip = \"AD102\"\nchip_by_pci_id = [{ "
     "pci_id = \"F001\", "
     "chip = \"GA102\" }]\ncc = \"8.9\"\n" SOURCED,
     1, "chip GA102 has another compute capability"},
    {"GpuChipByPciId",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\npci_ids = [\"F001\"]\nchip = \"AD102\"\nchip_by_pci_id = [{ "
     "pci_id = \"F002\", "
     "chip = \"AD103\" }]\ncc = \"8.9\"\n" SOURCED,
     1, "an id that is not in 'pci_ids'"},
    {"GpuChipByPciUnknown",
     "[[gpu]]\nid = \"x\"\nnames = [\"X\"]\npci_ids = [\"F001\"]\nchip = \"AD102\"\nchip_by_pci_id = [{ "
     "pci_id = \"F001\", "
     "chip = \"ZZ1\" }]\ncc = \"8.9\"\n" SOURCED,
     1, "names chip 'ZZ1', which has no row"},
    // chips
    {"ChipBranch",
     "[[chip]]\nid = \"X\"\ncc = \"8.9\"\narchitecture = \"X\"\nlast_driver_branch = \"R581\"\n" SOURCED, 1,
     "names driver branch 'R581'"},
    {"ChipTegra",
     "[[chip]]\nid = \"X\"\ncc = \"8.7\"\narchitecture = \"X\"\ntegra = true\nknown_from = \"470\"\n" SOURCED,
     1, "comes with JetPack"},
    {"ChipOrder",
     "[[chip]]\nid = \"X\"\ncc = \"8.9\"\narchitecture = \"X\"\nnot_before = \"525\"\nknown_from = "
     "\"520\"\n" SOURCED,
     1, "'known_from' is before 'not_before'"},
    {"ChipHalf", "[[chip]]\nid = \"X\"\ncc = \"8.9\"\narchitecture = \"X\"\nnot_before = \"525\"\n" SOURCED,
     1, "'not_before' needs 'known_from'"},
    {"ChipOlder",
     "[[chip]]\nid = \"X\"\ncc = \"8.9\"\narchitecture = \"X\"\nolder_than_drivers = true\nknown_from = "
     "\"525\"\n" SOURCED,
     1, "older than the drivers and has a floor"},
    {"ChipPciForm",
     "[[chip]]\nid = \"X\"\ncc = \"8.9\"\narchitecture = \"X\"\npci_ids = [\"zzzz\"]\n" SOURCED, 1,
     "is not a PCI device id"},
    {"ChipPciOfBoard",
     "[[chip]]\nid = \"X\"\ncc = \"8.9\"\narchitecture = \"X\"\npci_ids = [\"2684\"]\n" SOURCED, 1,
     "PCI id 2684 belongs to a board"},
    {"ChipPciTwice",
     "[[chip]]\nid = \"X\"\ncc = \"8.9\"\narchitecture = \"X\"\npci_ids = [\"2681\"]\n" SOURCED, 1,
     "PCI id 2681 also belongs to chip 'AD102'"},
    // drivers
    {"DriverFirstVersion",
     "[[driver]]\nid = \"R471\"\nfirst_version = \"470.1\"\ncuda = \"11.4\"\ndriver_api_version = "
     "11040\ntype = \"pb\"\n" SOURCED,
     1, "first_version 470.1 is not of this branch"},
    {"DriverLastVersion",
     "[[driver]]\nid = \"R471\"\nfirst_version = \"471.2\"\nlast_known_version = \"471.1\"\ncuda = \"11.4\"\n"
     "driver_api_version = 11040\ntype = \"pb\"\n" SOURCED,
     1, "last_known_version 471.1 is not of this branch"},
    {"DriverApiVersion",
     "[[driver]]\nid = \"R471\"\nfirst_version = \"471.1\"\ncuda = \"11.4\"\ndriver_api_version = "
     "11400\ntype = \"pb\"\n" SOURCED,
     1, "is not that of CUDA 11.4"},
    {"DriverCudaGoesBack",
     "[[driver]]\nid = \"R471\"\nfirst_version = \"471.1\"\ncuda = \"11.3\"\ndriver_api_version = "
     "11030\ntype = \"pb\"\n" SOURCED,
     1, "CUDA 11.3 is less than that of R470"},
    {"DriverEol",
     "[[driver]]\nid = \"R471\"\nfirst_version = \"471.1\"\ncuda = \"11.4\"\ndriver_api_version = "
     "11040\ntype = \"pb\"\n"
     "eol = \"June 2026\"\n" SOURCED,
     1, "'eol' should be a month"},
    // toolkits
    {"ToolkitBranch",
     "[[toolkit]]\nid = \"13.6\"\nbranch = \"R999\"\nminor_compat_driver = \"580.65.06\"\ndriver_api_version "
     "= 13060\n"
     "ptx_isa = \"9.6\"\nsass_targets = [\"75\"]\nptx_targets = [\"75\"]\n" SOURCED,
     1, "names driver branch 'R999'"},
    {"ToolkitNoFloor",
     "[[toolkit]]\nid = \"13.6\"\nbranch = \"R620\"\ndriver_api_version = 13060\n"
     "ptx_isa = \"9.6\"\nsass_targets = [\"75\"]\nptx_targets = [\"75\"]\n" SOURCED,
     1, "'minor_compat_driver' is needed"},
    {"ToolkitFloorBefore11",
     "[[toolkit]]\nid = \"10.3\"\nbranch = \"R440\"\nnative_driver_ga = \"440.33\"\nminor_compat_driver = "
     "\"440.33\"\n"
     "driver_api_version = 10030\nptx_isa = \"6.5\"\nsass_targets = [\"75\"]\nptx_targets = "
     "[\"75\"]\n" SOURCED,
     1, "does not exist before CUDA 11.0"},
    {"ToolkitNoNativeBefore11",
     "[[toolkit]]\nid = \"10.3\"\nbranch = \"R440\"\n"
     "driver_api_version = 10030\nptx_isa = \"6.5\"\nsass_targets = [\"75\"]\nptx_targets = "
     "[\"75\"]\n" SOURCED,
     1, "'native_driver_ga' is needed before CUDA 11.0"},
    {"ToolkitFloorDiffers",
     "[[toolkit]]\nid = \"13.6\"\nbranch = \"R620\"\nminor_compat_driver = \"590.44.01\"\ndriver_api_version "
     "= 13060\n"
     "ptx_isa = \"9.6\"\nsass_targets = [\"75\"]\nptx_targets = [\"75\"]\n" SOURCED,
     1, "minor_compat_driver differs from that of 13.5"},
    {"ToolkitNativeGoesBack",
     "[[toolkit]]\nid = \"13.6\"\nbranch = \"R620\"\nnative_driver_ga = \"580.65.06\"\nminor_compat_driver = "
     "\"580.65.06\"\n"
     "driver_api_version = 13060\nptx_isa = \"9.6\"\nsass_targets = [\"75\"]\nptx_targets = "
     "[\"75\"]\n" SOURCED,
     1, "native_driver_ga is older than that of 13.3"},
    {"ToolkitIsaGoesBack",
     "[[toolkit]]\nid = \"13.6\"\nbranch = \"R620\"\nminor_compat_driver = \"580.65.06\"\n"
     "driver_api_version = 13060\nptx_isa = \"9.4\"\nsass_targets = [\"75\"]\nptx_targets = "
     "[\"75\"]\n" SOURCED,
     1, "the PTX ISA is lower than that of 13.5"},
    {"ToolkitNoTargets",
     "[[toolkit]]\nid = \"13.6\"\nbranch = \"R620\"\nminor_compat_driver = \"580.65.06\"\n"
     "driver_api_version = 13060\nptx_isa = \"9.6\"\n" SOURCED,
     1, "are needed for a public toolkit"},
    // PTX targets, families
    {"TargetNoSteps", "[[ptx_target]]\nid = \"130a\"\nmin_isa = \"9.5\"\n" SOURCED, 1,
     "needs 'accepted_for'"},
    {"TargetPlainSteps",
     "[[ptx_target]]\nid = \"130\"\nmin_isa = \"9.5\"\naccepted_for = [{ from = \"13.5\", gpus = [\"130\"] "
     "}]\n" SOURCED,
     1, "a plain target follows PTX-1"},
    {"TargetOrder",
     "[[ptx_target]]\nid = \"130a\"\nmin_isa = \"9.5\"\naccepted_for = [{ from = \"13.5\", gpus = [\"130\"] "
     "}, { from = "
     "\"13.4\", gpus = [\"130\"] }]\n" SOURCED,
     1, "'accepted_for' is not ascending"},
    {"TargetToolkit",
     "[[ptx_target]]\nid = \"130a\"\nmin_isa = \"9.5\"\naccepted_for = [{ from = \"15.0\", gpus = [\"130\"] "
     "}]\n" SOURCED,
     1, "names toolkit 15.0"},
    {"FamilyOrder", "[[family]]\nid = \"130f\"\nmembers = [\"131\", \"130\"]\n" SOURCED, 1, "not ascending"},
    {"FamilyTwice", "[[family]]\nid = \"102f\"\nmembers = [\"103\"]\n" SOURCED, 1,
     "is also in family '100f'"},
    // forward compatibility, roles
    {"CompatBranch",
     "[[forward_compat]]\nid = \"x\"\nkind = \"package\"\ncuda = \"13.6\"\nlibraries_from_branch = "
     "\"R999\"\n" SOURCED,
     1, "names driver branch 'R999'"},
    {"CompatBoth",
     "[[forward_compat]]\nid = \"x\"\nkind = \"package\"\ncuda = \"13.6\"\ncompatible_base_branches = "
     "[\"R580\"]\nincompatible_base_branches = "
     "[\"R580\"]\n" SOURCED,
     1, "R580 is both compatible and incompatible"},
    {"RolePatterns", "[[role]]\nid = \"a\"\npatterns = []\nrole = \"core\"\n" SOURCED, 1,
     "a pattern is needed"},
    // builds
    {"BuildTriton",
     "[[build]]\nid = \"x-1\"\npackage = \"x\"\nis_default = true\nversion_from = \"1.0\"\nplatforms = "
     "[\"linux_x86_64\"]\nbasis = \"none\"\ntriton = \"99.0\"\n" SOURCED,
     1, "'triton' names release '99.0', which has no row"},
    {"BuildPlatform",
     "[[build]]\nid = \"x-1\"\npackage = \"x\"\nis_default = true\nversion_from = \"1.0\"\nplatforms = "
     "[\"linux_amd64\"]\nbasis "
     "= \"none\"\n" SOURCED,
     1, "'platforms' has 'linux_amd64'"},
    {"BuildIndex",
     "[[build]]\nid = \"x-1\"\npackage = \"x\"\nis_default = true\nversion_from = \"1.0\"\nplatforms = "
     "[\"linux_x86_64\"]\nbasis = \"none\"\nindex = \"whl/cu118\"\n" SOURCED,
     1, "'index' should be an address"},
    {"BuildRange",
     "[[build]]\nid = \"x-1\"\npackage = \"x\"\nis_default = true\nversion_from = \"1.0\"\nversion_to = "
     "\"0.9\"\nplatforms = "
     "[\"linux_x86_64\"]\nbasis = \"none\"\n" SOURCED,
     1, "'version_to' is older than 'version_from'"},
    {"BuildVersion",
     "[[build]]\nid = \"x-1\"\npackage = \"x\"\nis_default = true\nversion_from = \"new\"\nplatforms = "
     "[\"linux_x86_64\"]\nbasis = \"none\"\n" SOURCED,
     1, "'version_from' is no version"},
    {"BuildPtxWithoutBasis",
     "[[build]]\nid = \"x-1\"\npackage = \"x\"\nis_default = true\nversion_from = \"1.0\"\nplatforms = "
     "[\"linux_x86_64\"]\nbasis = \"none\"\nptx = [\"8.0\"]\n" SOURCED,
     1, "'basis' is none, but there is a list of code"},
    {"BuildTwice",
     "[[build]]\nid = \"x-1\"\npackage = \"x\"\nis_default = true\nversion_from = \"1.0\"\nversion_to = "
     "\"2.0\"\nplatforms = "
     "[\"linux_x86_64\"]\nbasis = \"none\"\n" SOURCED
     "[[build]]\nid = \"x-2\"\npackage = \"x\"\nis_default = true\nversion_from = \"2.0\"\nplatforms = "
     "[\"linux_x86_64\"]\nbasis = \"none\"\n" SOURCED,
     11, "release 2.0 is also in 'x-1'"},
    // Triton
    {"TritonToolkit", "[[triton]]\nid = \"99.0\"\nptxas = \"12.99\"\n" SOURCED, 1,
     "'ptxas' names toolkit 12.99, which has no row"},
    {"TritonSecond", "[[triton]]\nid = \"99.0\"\nptxas = \"12.8\"\nptxas_blackwell = \"12.9\"\n" SOURCED, 1,
     "need each other"},
    // what is opened
    {"LoadingWho", "[[loading]]\nid = \"x\"\nsteps = [{ names = [\"a\"] }]\n" SOURCED, 1,
     "'package' or 'library' is needed, and only one"},
    {"LoadingBoth",
     "[[loading]]\nid = \"x\"\npackage = \"x\"\nversion_from = \"1\"\nlibrary = \"libx.so\"\nsteps = [{ "
     "names = "
     "[\"a\"] }]\n" SOURCED,
     1, "'package' or 'library' is needed, and only one"},
    {"LoadingNames", "[[loading]]\nid = \"x\"\nlibrary = \"libx.so\"\nsteps = [{ names = [] }]\n" SOURCED, 1,
     "a step without names"},
    {"LoadingSteps", "[[loading]]\nid = \"x\"\nlibrary = \"libx.so\"\nsteps = []\n" SOURCED, 1,
     "a step is needed"},
    {"LoadingMapped",
     "[[loading]]\nid = \"x\"\npackage = \"x\"\nversion_from = \"1\"\nsteps = [{ when = \"mapped\", names = "
     "[\"a\"] "
     "}]\n" SOURCED,
     1, "'mapped' belongs to steps with when = \"mapped\""},
    {"LoadingError",
     "[[loading]]\nid = \"x\"\npackage = \"x\"\nversion_from = \"1\"\nsteps = [{ error = [\"e\"], names = "
     "[\"a\"] "
     "}]\n" SOURCED,
     1, "'error' belongs to steps with when = \"failed\""},
    {"LoadingOrder",
     "[[loading]]\nid = \"x\"\npackage = \"x\"\nversion_from = \"1\"\nsteps = [{ use = \"u\", names = "
     "[\"a\"] }, { "
     "names = [\"b\"] }]\n" SOURCED,
     1, "a step of the import stands behind one of a use"},
    {"LoadingBy",
     "[[loading]]\nid = \"x\"\nlibrary = \"libx.so\"\nsteps = [{ use = \"u\", by = \"liby.so\", names = "
     "[\"a\"] "
     "}]\n" SOURCED,
     1, "neither 'by' nor 'folders'"},
    {"LoadingTwice",
     "[[loading]]\nid = \"x-1\"\npackage = \"x\"\nversion_from = \"1\"\nversion_to = \"2.0\"\nsteps = [{ "
     "names = "
     "[\"a\"] }]\n" SOURCED "[[loading]]\nid = \"x-2\"\npackage = \"x\"\nversion_from = \"2.0\"\nsteps = [{ "
     "names = [\"a\"] }]\n" SOURCED,
     9, "release 2.0 is also in 'x-1'"},
    // error codes
    {"ErrorName", "[[error]]\nid = \"7777\"\nmeaning = \"m\"\n" SOURCED, 1,
     "'runtime_name' or 'driver_name'"},
};
INSTANTIATE_TEST_SUITE_P(Table, BrokenData, testing::ValuesIn(broken),
                         [](auto& info) { return info.param.name; });

}  // namespace
}  // namespace cufit
