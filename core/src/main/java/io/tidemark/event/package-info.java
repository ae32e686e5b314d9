/// Events and their shape: the leaves of a stream's schema, one event as a row of leaf values, and
/// the binary form in which an event lies in the log.
///
/// Invariant: whatever JSON came in can be given back: what the typed leaves cannot hold exactly is
/// carried in the row's *extra*, a JSON object that overrides and completes the leaves.
@NullMarked
package io.tidemark.event;

import org.jspecify.annotations.NullMarked;
