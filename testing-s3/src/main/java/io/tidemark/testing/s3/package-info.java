/// A real S3 server for tests. Its libraries are many and are not ours: it is a process of its own.
@NullMarked
package io.tidemark.testing.s3;

import org.jspecify.annotations.NullMarked;
