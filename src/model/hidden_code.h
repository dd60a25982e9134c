// Which gaps leave a verdict open.
#pragma once

#include "model/image.h"

namespace cufit {

/// A library that its package lists and that is not there.
inline constexpr const char* gap_file_missing = "gap.file-missing";

/// Something that is listed as a library, and that the loader refuses: empty, a text, a folder. {why}: in the
/// words of ld.so.
inline constexpr const char* gap_no_library = "gap.no-library";

/// Bytes of a loadable segment lie behind the end of the file ({size} bytes of {whole}): the process dies
/// where it comes to them.
inline constexpr const char* gap_cut_off = "gap.cut-off";
/// The same where only the rest of one page is missing, which comes as zeroes.
inline constexpr const char* gap_end_missing = "gap.end-missing";

/// A file or folder that this user may not read, nor look into.
inline constexpr const char* gap_denied = "gap.denied";

/// One of these four: a file that is there, and that cannot be loaded whole.
bool is_damage(const Gap&);

/// Can the gap hide GPU code?
bool hides_code(const Gap&);

}  // namespace cufit
