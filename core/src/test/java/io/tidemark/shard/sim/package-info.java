/// A shard in a world without threads, clocks or disks: everything that happens follows from one
/// seed, so that whatever goes wrong can be made to go wrong again.
///
/// Invariant: nothing here knows how the shard does its work; the model is a plain list of records.
@NullMarked
package io.tidemark.shard.sim;

import org.jspecify.annotations.NullMarked;
