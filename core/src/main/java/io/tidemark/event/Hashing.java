package io.tidemark.event;

/// Hash functions whose values are part of formats and therefore never change.
public final class Hashing {
  private Hashing() {}

  /// Kafka's own partitioner hash, so that anybody can compute where a key lives. Source:
  /// MurmurHash2 by Austin Appleby, 32 bits, with Kafka's seed 0x9747b28c.
  public static int murmur2(byte[] data) {
    int length = data.length;
    int m = 0x5bd1e995;
    int h = 0x9747b28c ^ length;
    int end = length & ~3;
    for (int i = 0; i < end; i += 4) {
      int k =
          (data[i] & 0xff)
              | (data[i + 1] & 0xff) << 8
              | (data[i + 2] & 0xff) << 16
              | (data[i + 3] & 0xff) << 24;
      k *= m;
      k ^= k >>> 24;
      k *= m;
      h *= m;
      h ^= k;
    }
    switch (length & 3) {
      case 3 -> {
        h ^= (data[end + 2] & 0xff) << 16;
        h ^= (data[end + 1] & 0xff) << 8;
        h ^= data[end] & 0xff;
        h *= m;
      }
      case 2 -> {
        h ^= (data[end + 1] & 0xff) << 8;
        h ^= data[end] & 0xff;
        h *= m;
      }
      case 1 -> {
        h ^= data[end] & 0xff;
        h *= m;
      }
      default -> {}
    }
    h ^= h >>> 13;
    h *= m;
    return h ^ h >>> 15;
  }

  /// The partition of a key: `toPositive(murmur2(key)) % partitions`, as Kafka's producer does it.
  public static int partition(byte[] key, int partitions) {
    return (murmur2(key) & 0x7fffffff) % partitions;
  }

  public static long hash64(byte[] data) {
    return hash64(data, 0, data.length, 0);
  }

  /// A well-mixing 64-bit hash of a range of bytes. Source: the 8-byte multiply-rotate rounds and
  /// the finalizer of xxHash64's short-input path, by Yann Collet (BSD), applied to all lengths.
  public static long hash64(byte[] data, int start, int length, long seed) {
    long p1 = 0x9E3779B185EBCA87L;
    long p2 = 0xC2B2AE3D27D4EB4FL;
    long p3 = 0x165667B19E3779F9L;
    long p4 = 0x85EBCA77C2B2AE63L;
    long p5 = 0x27D4EB2F165667C5L;
    long h = seed + p5 + length;
    int at = start;
    int end = start + length;
    for (; at + 8 <= end; at += 8) {
      long k = (long) LONGS.get(data, at) * p2;
      h ^= Long.rotateLeft(k, 31) * p1;
      h = Long.rotateLeft(h, 27) * p1 + p4;
    }
    for (; at < end; at++) {
      h ^= (data[at] & 0xff) * p5;
      h = Long.rotateLeft(h, 11) * p1;
    }
    h ^= h >>> 33;
    h *= p2;
    h ^= h >>> 29;
    h *= p3;
    return h ^ h >>> 32;
  }

  private static final java.lang.invoke.VarHandle LONGS =
      java.lang.invoke.MethodHandles.byteArrayViewVarHandle(
          long[].class, java.nio.ByteOrder.LITTLE_ENDIAN);
}
