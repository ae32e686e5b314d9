/// Nodes, shards, the log and clients in a world without threads and clocks: everything that
/// happens follows from one seed, so that whatever goes wrong can be made to go wrong again. See
/// `docs/testing.md`.
///
/// The way in: a [Simulation] runs a [Plan]. What is declared and sent is a [World], a machine with
/// its disk a [SimNode], a shard on it a [Replica] in a [ShardFolder]; [Clients] ask and judge what
/// they are told; [Trouble] is what may go wrong. An invariant is a class whose name says what
/// holds, and breaking it throws [Broken].
///
/// Invariant: nothing here knows how the shard does its work; the model is a plain list of records.
@NullMarked
package io.tidemark.shard.sim;

import org.jspecify.annotations.NullMarked;
