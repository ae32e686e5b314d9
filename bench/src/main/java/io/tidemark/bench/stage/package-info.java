/// The stages on the way of an event, each alone in a loop, measured by JMH.
@NullMarked
package io.tidemark.bench.stage;

import org.jspecify.annotations.NullMarked;
