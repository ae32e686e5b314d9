@NullMarked
package io.tidemark.server.sql;

import org.jspecify.annotations.NullMarked;
