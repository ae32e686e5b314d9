/// The composition root: the one place that knows all adapters, and wires them into a node.
@NullMarked
package io.tidemark.server.node;

import org.jspecify.annotations.NullMarked;
