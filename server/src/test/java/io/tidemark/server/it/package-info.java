/// Tidemark as its users meet it: real nodes and commands as processes of their own, spoken to over
/// HTTP and their standard streams.
///
/// Nothing in here calls the code under test, but for the embedded broker where a test needs a
/// broker that is nobody's. What is expected is written from the contracts and the documents.
@NullMarked
package io.tidemark.server.it;

import org.jspecify.annotations.NullMarked;
