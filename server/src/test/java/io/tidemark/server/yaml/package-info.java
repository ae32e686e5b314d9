@NullMarked
package io.tidemark.server.yaml;

import org.jspecify.annotations.NullMarked;
