/// The command line: a class for each command. All talk to a running node over its HTTP API but
/// those that start one, `check` and `generate`.
@NullMarked
package io.tidemark.server.cli;

import org.jspecify.annotations.NullMarked;
