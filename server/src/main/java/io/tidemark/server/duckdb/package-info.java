/// Segments as Parquet files, written and read by DuckDB within the process.
///
/// DuckDB runs on named platform threads of its own, a few for scans and one for writing: its calls
/// are native and would hold the carrier threads of virtual ones. Values never become part of SQL
/// text; names and paths are quoted.
@NullMarked
package io.tidemark.server.duckdb;

import org.jspecify.annotations.NullMarked;
