/// The HTTP contract of the `allezon` app: user tags, user profiles and aggregates, byte for byte,
/// on top of the public queries.
@NullMarked
package io.tidemark.server.allezon;

import org.jspecify.annotations.NullMarked;
