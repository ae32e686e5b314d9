/// The HTTP API: streams, views, health and metrics, and the questions nodes ask one another.
///
/// Invariants: whatever a client sends is answered with a status below 500 unless this node is at
/// fault; every error is a problem document (RFC 9457); every limit has an answer.
@NullMarked
package io.tidemark.server.http;

import org.jspecify.annotations.NullMarked;
