@NullMarked
package io.tidemark.server.http;

import org.jspecify.annotations.NullMarked;
