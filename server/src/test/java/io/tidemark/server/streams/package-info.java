@NullMarked
package io.tidemark.server.streams;

import org.jspecify.annotations.NullMarked;
