/// The way of an event into the log: parse, validate, encode, append, acknowledge.
///
/// Invariant: an item is acknowledged only after the log has it; an item that is not acknowledged
/// has a typed reason.
@NullMarked
package io.tidemark.ingest;

import org.jspecify.annotations.NullMarked;
