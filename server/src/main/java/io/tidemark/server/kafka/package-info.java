/// Kafka as the log: the broker inside this process, the streams' topics, and appending.
///
/// Invariants: an append is acknowledged only when all in-sync replicas have it; a topic never
/// forgets by itself, only when the owner of a shard has asked for it.
@NullMarked
package io.tidemark.server.kafka;

import org.jspecify.annotations.NullMarked;
