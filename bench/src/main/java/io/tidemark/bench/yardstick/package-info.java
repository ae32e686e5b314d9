/// Yardsticks: what others do with the same events on the same cores. Those with a `main` run as
/// processes of their own.
@NullMarked
package io.tidemark.bench.yardstick;

import org.jspecify.annotations.NullMarked;
