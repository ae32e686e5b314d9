package io.tidemark.table;

/// By what a file is known to be as it was written.
///
/// @param bytes its length
/// @param crc32c the CRC-32C of all its bytes, from 0 to 2^32 - 1
public record FileSum(long bytes, long crc32c) {}
