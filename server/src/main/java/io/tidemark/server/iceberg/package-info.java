/// Tables of Apache Iceberg over the files of an archive.
///
/// Invariants: a version of a table has all files of a batch or none, and of a file that was
/// written again one of the two. Who knows less of a shard than the table does changes nothing. No
/// file with events is written or deleted here.
@NullMarked
package io.tidemark.server.iceberg;

import org.jspecify.annotations.NullMarked;
