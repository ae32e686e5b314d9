package io.tidemark.server.yaml;

import io.tidemark.app.StreamSpec;
import java.time.Duration;
import java.util.Optional;

/// A stream as its views see it.
///
/// @param spec empty where its declaration has mistakes
/// @param fields also known where the declaration has mistakes, unless the schema has
/// @param retain how long events are kept; empty: for ever
record DeclaredStream(
    String name, Optional<StreamSpec> spec, Fields fields, Optional<Duration> retain) {}
