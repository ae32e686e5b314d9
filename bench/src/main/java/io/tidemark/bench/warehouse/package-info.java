/// Questions about a day of events, and those who are asked: Tidemark by its views and by SQL, and
/// other databases with the same rows.
@NullMarked
package io.tidemark.bench.warehouse;

import org.jspecify.annotations.NullMarked;
