@NullMarked
package io.tidemark.server.background;

import org.jspecify.annotations.NullMarked;
