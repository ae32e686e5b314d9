package io.tidemark.table;

/// What a file system says of a file without reading it.
///
/// @param bytes its length
/// @param writes equal to what it was before only where nobody has written to the file, or put
///   another one in its place
public record FileStamp(long bytes, Object writes) {}
