/// Threads for work that can wait.
@NullMarked
package io.tidemark.server.background;

import org.jspecify.annotations.NullMarked;
