package io.tidemark.shard;

/// Where a view does not answer what its events come to.
///
/// @param key what is asked for: a group, a key, a segment
/// @param expected what the events come to
/// @param found what the view answers
public record Difference(String key, String expected, String found) {}
