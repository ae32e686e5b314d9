/// Where files go to stay: objects under keys, in a folder or a bucket that may be far away, slow
/// or gone for a while.
///
/// Invariants: an object is there whole or not at all; an object that was put as a file never
/// changes; what is fetched into a file is what was put, by length and CRC-32C, or there is no
/// file; whatever fails can be asked again, and says whether that is worth while
/// ([ArchiveUnavailableException]) or somebody has to do something first.
@NullMarked
package io.tidemark.archive;

import org.jspecify.annotations.NullMarked;
