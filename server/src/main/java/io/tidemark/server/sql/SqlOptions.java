package io.tidemark.server.sql;

import java.nio.file.Path;

/// What SQL may use of a node.
///
/// @param temporary a folder of its own, for what does not fit into memory and for answers
/// @param files the folder in which the segments lie
/// @param memoryBytes of all questions together
/// @param temporaryBytes of what does not fit into memory
/// @param answerBytes of one answer
/// @param threads on which questions are worked at, all together
/// @param questions how many are worked at at a time
public record SqlOptions(
    Path temporary,
    Path files,
    long memoryBytes,
    long temporaryBytes,
    long answerBytes,
    int threads,
    int questions) {}
