/// Measurements: what Tidemark does in a second, beside a yardstick in the same run. Never shipped.
///
/// One class for each [io.tidemark.bench.Benchmark]; [io.tidemark.bench.Bench] knows them by their
/// names. Whatever is measured runs in a process of its own.
@NullMarked
package io.tidemark.bench;

import org.jspecify.annotations.NullMarked;
