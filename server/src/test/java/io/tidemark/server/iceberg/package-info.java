@NullMarked
package io.tidemark.server.iceberg;

import org.jspecify.annotations.NullMarked;
