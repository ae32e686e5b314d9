package io.tidemark.archive;

import java.util.OptionalLong;

/// What a store tells of an object without reading it.
///
/// @param bytes its length
/// @param modifiedMs when it was put, in milliseconds since 1970 on the store's clock
/// @param crc32c the CRC-32C of all its bytes, from 0 to 2^32 - 1, where the store knows it: a
///   bucket does when asked for one object, a folder does not
public record StoredObject(ObjectKey key, long bytes, long modifiedMs, OptionalLong crc32c) {}
