/// Port for sorted byte strings on disk: what timelines and the memory of ids lie in.
@NullMarked
package io.tidemark.sorted;

import org.jspecify.annotations.NullMarked;
