/// Port for the generators of apps: endless, deterministic streams of events that look real.
@NullMarked
package io.tidemark.server.generate;

import org.jspecify.annotations.NullMarked;
