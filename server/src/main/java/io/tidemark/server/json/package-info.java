/// JSON in and out: reading JSON Schemas, parsing and validating events in one pass, and giving
/// events back as JSON.
///
/// Invariants: the verdict on an event is that of JSON Schema 2020-12 with formats asserted, as the
/// networknt validator gives it; the common keywords are compiled and checked while parsing, the
/// rest is put to that validator. An event that was taken is given back with the same values.
@NullMarked
package io.tidemark.server.json;

import org.jspecify.annotations.NullMarked;
