/// A shard: one partition of one stream on one node, the unit of order, ownership and recovery.
///
/// A shard applies the log's records in the order of their offsets; nothing else changes it.
/// Applied events are in the *tail*, in memory. A checkpoint freezes the tail, writes it into
/// segments and sorted stores, and then replaces the manifest, which says: *everything below this
/// offset is in these files*. After a crash the last manifest counts, files it does not name are
/// deleted, and the log is applied again from its offset.
///
/// Invariants: applying is deterministic (no clock, no chance); positions never go back; a reader
/// sees each applied event in exactly one of segments, frozen tail and active tail.
@NullMarked
package io.tidemark.shard;

import org.jspecify.annotations.NullMarked;
