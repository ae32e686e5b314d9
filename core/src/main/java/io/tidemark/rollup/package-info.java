/// Measures per bucket of time and group.
///
/// A rollup keeps no state of its own beside the tail: a query groups the tail's rows, and a
/// checkpoint turns them into rows of *partials* in a segment. Partials are mergeable: several rows
/// for one group add up, so late events, shards and nodes need no coordination.
@NullMarked
package io.tidemark.rollup;

import org.jspecify.annotations.NullMarked;
