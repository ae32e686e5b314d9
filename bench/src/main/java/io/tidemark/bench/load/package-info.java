/// Loads: prepared events and queries, sent as fast as they are answered, or at a rate.
@NullMarked
package io.tidemark.bench.load;

import org.jspecify.annotations.NullMarked;
