/// Measurements: what Tidemark does in a second, beside a yardstick in the same run. Never shipped.
@NullMarked
package io.tidemark.bench;

import org.jspecify.annotations.NullMarked;
