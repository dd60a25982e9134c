// Names, versions and requirements of Python distributions (PEP 503, PEP 440, PEP 508), as far as published
// builds use them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cufit {

/// Lower case, runs of '-', '_' and '.' become one '-': "Jax_cuda12.plugin" -> "jax-cuda12-plugin" (PEP 503).
std::string normalized_name(std::string_view name);

/// A version as PEP 440 orders it: 2.4.0.dev1 < 2.4.0a1 < 2.4.0rc1 < 2.4.0 < 2.4.0.post1 < 2.4.1. The local
/// version ("cu121" of "2.2.0+cu121") is kept apart and does not take part in comparisons.
class PackageVersion {
 public:
  static std::optional<PackageVersion> parse(std::string_view text);

  const std::string& text() const { return text_; }    ///< without the local version
  const std::string& local() const { return local_; }  ///< empty if there is none
  /// Do the first fields equal those of `prefix`: 2.16.2 begins with 2.16?
  bool begins_with(const PackageVersion& prefix) const;
  const std::vector<uint32_t>& release() const { return release_; }

  /// Orders local versions as installers do: 2.4.1 < 2.4.1+cpu < 2.4.1+cu118 < 2.4.1+cu121 (PEP 440).
  static std::strong_ordering compare_locals(std::string_view a, std::string_view b);

  friend std::strong_ordering operator<=>(const PackageVersion& a, const PackageVersion& b);
  friend bool operator==(const PackageVersion& a, const PackageVersion& b) { return (a <=> b) == 0; }

 private:
  enum class Stage : uint8_t { dev, alpha, beta, candidate, final, post };
  std::string text_, local_;
  std::vector<uint32_t> release_;
  Stage stage_ = Stage::final;
  uint32_t number_ = 0;  ///< of the stage: 1 of rc1, post1
};

/// What a requirement says about versions: ">=2.4,<2.5", "==2.9.1+cu130", "~=2.4", "==2.4.*". Empty:
/// anything.
class Specifier {
 public:
  static std::optional<Specifier> parse(std::string_view text);

  bool allows(const PackageVersion&) const;
  /// The version of a `==` (or `===`) clause without wildcard, of several one with a local version; nothing
  /// if there is none.
  std::optional<PackageVersion> exactly() const;
  /// No version at all is allowed: "==2.4.1,>=2.9", ">=2.9,<2.4".
  bool excludes_all() const;
  /// The versions that its clauses name, without wildcards: what a line of releases may be asked for.
  std::vector<PackageVersion> bounds() const;
  /// Both must hold: a requirement and a constraint on it.
  void join(const Specifier&);
  const std::string& text() const { return text_; }

 private:
  struct Clause {
    std::string op;
    PackageVersion version;
    bool wildcard = false;
  };
  std::string text_;
  std::vector<Clause> clauses_;
};

/// A requirement line: "torch==2.9.1+cu130", "vllm >= 0.10", "jax[cuda12]==0.7.1 ; python_version > '3.9'".
struct Requirement {
  std::string name;  ///< normalized
  std::vector<std::string> extras;
  Specifier specifier;
  std::string marker;       ///< what stands behind ';'
  bool by_address = false;  ///< it was the address of a wheel

  /// Nothing if it is not of this form.
  static std::optional<Requirement> parse(std::string_view line);
  /// The release that an address or a path of a wheel names, as "==" requirement:
  /// ".../torch-2.1.0%2Bcu118-cp310-cp310-linux_x86_64.whl" is torch==2.1.0+cu118.
  static std::optional<Requirement> of_wheel(std::string_view address);
};

}  // namespace cufit
