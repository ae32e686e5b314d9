/// SQL over streams and rollups: one SELECT, answered by a DuckDB within the process.
///
/// ```
/// text ─► SqlGuard: is it one SELECT over what is declared, of functions that are allowed?
///      ─► SqlPlanner: which columns and what range of time does it need of each table?
///      ─► ExcerptReader: takes what other nodes have of it, which ExcerptWriter has written there
///      ─► SqlViews, over the shards held at one mark: a view per table, of the files it needs
///      ─► ResultFile: the rows in the wanted format, written while the shards are held
/// ```
///
/// Two databases, both without access to anything but what they are given, their configuration
/// locked: one has only the shapes of tables, reads the text and plans it; the other one executes
/// what has passed. Values of a question are parameters and never become part of SQL text.
@NullMarked
package io.tidemark.server.sql;

import org.jspecify.annotations.NullMarked;
