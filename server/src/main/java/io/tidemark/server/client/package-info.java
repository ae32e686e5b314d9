/// A client of the HTTP API, for the commands that talk to a running node.
@NullMarked
package io.tidemark.server.client;

import org.jspecify.annotations.NullMarked;
