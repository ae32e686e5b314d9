@NullMarked
package io.tidemark.server.kafka;

import org.jspecify.annotations.NullMarked;
