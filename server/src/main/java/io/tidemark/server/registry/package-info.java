/// The versions of schemas: which there are, what may follow one, and the API by which Kafka tools
/// read them, that of Confluent's Schema Registry.
///
/// Invariant: all nodes see the same versions with the same ids, since they read one log and take
/// of it by one rule; and no record is written to a stream's log before the version of its schema
/// is in that log.
@NullMarked
package io.tidemark.server.registry;

import org.jspecify.annotations.NullMarked;
