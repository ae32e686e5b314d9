/// Files of events: read as JSON texts, one event at a time, each with its place in the file.
///
/// Invariants: a file is never in memory as a whole; the same file gives the same events with the
/// same numbers, so that reading can go on from a number; what cannot be an event is given as it is
/// and left to the node to refuse.
@NullMarked
package io.tidemark.server.imports;

import org.jspecify.annotations.NullMarked;
