/// Kafka Streams as the host of shards: it decides which node has which shard, delivers records in
/// the order of their offsets, keeps standbys, and says open, restore, close. What a shard is lives
/// in the core.
///
/// The way in: [ShardHost] runs one Streams client per stream; each of its tasks has one store,
/// which is a shard, and whose changelog is the stream's own topic. A shard here is touched by
/// several threads (restoring, live, checkpoints, queries); the lock of its [HostedShard] makes
/// them one applier at a time.
///
/// Invariants: a record is applied at the shard's own position or skipped, whatever Streams
/// believes; the log is trimmed only to where the shard says; a shard that has not caught up with
/// the log since it came here does not answer.
@NullMarked
package io.tidemark.server.streams;

import org.jspecify.annotations.NullMarked;
