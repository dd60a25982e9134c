// A published build of the catalogue as a subject: what its row says of the files that nobody downloaded.
#pragma once

#include <span>

#include "judge/place.h"
#include "knowledge/catalogue.h"
#include "model/subject.h"
#include "model/verdict.h"

namespace cufit {

/// Host that a build is for, as wheels name it.
struct BuildPlatform {
  Machine::Platform os = Machine::Platform::linux;
  bool aarch64 = false;

  std::string tag() const;  ///< "linux_x86_64", "linux_aarch64", "windows_amd64"
  bool operator==(const BuildPlatform&) const = default;
};

/// Of the machine; a Jetson is aarch64, and where nobody says, x86_64 is taken.
BuildPlatform platform_of(const Place&);

/// One release as its rows describe it; several rows are the libraries of one file (BuildRow::is_variant).
/// A row without a list of code for the platform leaves a gap, never an empty list.
Subject subject_of_build(const Knowledge&, std::span<const BuildRow* const>, const PackageVersion&,
                         const BuildPlatform& = {}, bool beyond = false);

/// A requirement that no row of the catalogue answers: nothing can be said of it.
Subject unknown_build(const std::string& name, const std::string& version, Text why);

/// The build as it is published for the place's host, if that is another one than the subject describes.
std::optional<Subject> on_platform(const Subject&, const Place&);

/// Says "the build lists" where a judgement about files says "in n of m modules".
void word_as_listed(Judgement&);

/// The row that describes a wheel or an installed distribution: by name, version and local version, and where
/// there is none by the toolkit that its code names. Null if none does.
const BuildRow* identify_build(const Knowledge&, const Subject&);

}  // namespace cufit
