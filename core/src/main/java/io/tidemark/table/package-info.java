/// Rows of events in columns: the *tail* in memory, and *segments*, immutable files of rows.
///
/// A tail has one writer; readers take a [Tail.View] and see exactly the rows below it, without
/// locks: columns only grow, and an array that is replaced by a longer one keeps its content.
@NullMarked
package io.tidemark.table;

import org.jspecify.annotations.NullMarked;
