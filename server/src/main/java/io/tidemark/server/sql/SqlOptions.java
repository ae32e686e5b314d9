package io.tidemark.server.sql;

import java.nio.file.Path;
import java.util.List;

/// What SQL may use of a node.
///
/// @param temporary a folder of its own, for what does not fit into memory and for answers
/// @param files the folders in which the tables' files lie
/// @param memoryBytes of all questions together
/// @param temporaryBytes of what does not fit into memory
/// @param answerBytes of one answer
/// @param excerptBytes of what other nodes have sent, and of what is made for them, all together
/// @param threads on which questions are worked at, all together
/// @param questions how many are worked at at a time; besides as many excerpts for other nodes
public record SqlOptions(
    Path temporary,
    List<Path> files,
    long memoryBytes,
    long temporaryBytes,
    long answerBytes,
    long excerptBytes,
    int threads,
    int questions) {
  public SqlOptions {
    files = List.copyOf(files);
  }
}
