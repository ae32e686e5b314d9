/// Files of events that leave Tidemark.
@NullMarked
package io.tidemark.server.exports;

import org.jspecify.annotations.NullMarked;
