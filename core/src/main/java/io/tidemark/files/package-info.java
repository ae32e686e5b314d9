/// Files of which a crash leaves all or nothing.
///
/// Invariant: what has a name here is whole and on the disk; an interrupted write leaves a file
/// that ends in `.tmp` and is nobody's.
@NullMarked
package io.tidemark.files;

import org.jspecify.annotations.NullMarked;
