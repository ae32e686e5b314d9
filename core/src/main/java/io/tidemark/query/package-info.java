/// Answers over all shards of a stream, wherever they live: ask each, merge, say the mark.
@NullMarked
package io.tidemark.query;

import org.jspecify.annotations.NullMarked;
