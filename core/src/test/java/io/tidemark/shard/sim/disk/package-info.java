/// A disk as adverse as POSIX allows: what was not synced may be lost, torn, or come back in
/// another order once the power fails; any operation may fail, or be the last of its process.
///
/// The way in: [SimDisk] survives processes; [SimFileSystem] is one process's view of it as a
/// `java.nio` file system, so that the shard's own code for files runs on it unchanged; [SimStores]
/// are sorted stores on it, with the durability of their port.
///
/// Source of what may happen: Pillai et al., "All File Systems Are Not Created Equal: On the
/// Complexity of Crafting Crash-Consistent Applications", OSDI 2014.
@NullMarked
package io.tidemark.shard.sim.disk;

import org.jspecify.annotations.NullMarked;
