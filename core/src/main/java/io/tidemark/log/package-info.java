/// The log as the core sees it: partitions of records with offsets, and marks, which are positions.
@NullMarked
package io.tidemark.log;

import org.jspecify.annotations.NullMarked;
