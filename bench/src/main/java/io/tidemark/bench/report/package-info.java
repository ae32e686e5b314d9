/// What was measured, as tables: targets, what was reached, and the machine it was reached on.
@NullMarked
package io.tidemark.bench.report;

import org.jspecify.annotations.NullMarked;
