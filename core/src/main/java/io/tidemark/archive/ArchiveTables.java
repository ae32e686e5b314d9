package io.tidemark.archive;

import java.io.IOException;

/// Port: a table of each stream over its files in the archive, in a format that other engines read:
/// at any moment it has some files, all of them or none of those that come together.
public interface ArchiveTables {
  /// What has come of a publication.
  enum Published {
    /// The table had other files, or columns.
    CHANGED,
    /// It had these.
    ALREADY,
    /// It has those of somebody who knew more: this one comes too late, or too early.
    LATER
  }

  /// Has the table of the shard's stream have just these of the shard's files, in one go.
  ///
  /// @param part by who puts the shard's files
  /// @throws ArchiveException where the archive fails, or others change the table all the time: it
  ///   is to be done again
  Published publish(ArchivedPart part) throws IOException;

  /// Deletes what no reader needs any more, and what was put by who did not come to the end.
  ///
  /// @param stream whose table, with the name that its data has
  /// @param beforeMs only what was put before then, in milliseconds since 1970
  /// @return how many objects that were
  int sweep(String stream, long beforeMs) throws IOException;
}
