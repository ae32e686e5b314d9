/// Processes that are measured, and what Linux tells about them: memory, CPU, files, threads.
@NullMarked
package io.tidemark.bench.process;

import org.jspecify.annotations.NullMarked;
