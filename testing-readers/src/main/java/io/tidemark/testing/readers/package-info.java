/// Readers of Parquet that tests hold against ours. Their libraries are many and are not ours: each
/// is a process of its own, which prints what it reads as JSON.
@NullMarked
package io.tidemark.testing.readers;

import org.jspecify.annotations.NullMarked;
