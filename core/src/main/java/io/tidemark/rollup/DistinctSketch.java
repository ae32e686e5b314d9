package io.tidemark.rollup;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// How many different values: their 64-bit hashes while there are at most [#EXACT], then a
/// HyperLogLog of 4096 registers, whose standard error is 1.6 % for counts of all sizes. Source:
/// Flajolet et al., "HyperLogLog", 2007, for the registers; Ertl, "New cardinality estimation
/// algorithms for HyperLogLog sketches", 2017, algorithm 6, for the estimate.
///
/// ```
/// stored = 0x00 hash{8}*        the hashes, big endian
///        | 0x01 register{1}*    4096 registers
/// ```
final class DistinctSketch implements Sketch {
  /// Up to here counts are exact (but for a collision of 64-bit hashes).
  static final int EXACT = 1024;

  private static final int BITS = 12;
  private static final int REGISTERS = 1 << BITS;

  /// The greatest rank that a register can hold, that of a hash whose other bits are all zero.
  private static final int MAX_RANK = 64 - BITS + 1;

  private long[] hashes = new long[8];
  private int count;
  private boolean hasZero;
  private byte[] registers = new byte[0];

  @Override
  public void add(long hash, double number) {
    if (registers.length > 0) {
      register(hash);
      return;
    }
    if (hash == 0) {
      count += hasZero ? 0 : 1;
      hasZero = true;
    } else {
      insert(hash);
    }
    if (count > EXACT) {
      toRegisters();
    }
  }

  private void insert(long hash) {
    int mask = hashes.length - 1;
    int slot = (int) (hash ^ hash >>> 32) & mask;
    while (hashes[slot] != 0) {
      if (hashes[slot] == hash) {
        return;
      }
      slot = (slot + 1) & mask;
    }
    hashes[slot] = hash;
    count++;
    if (count * 2 > hashes.length) {
      long[] old = hashes;
      hashes = new long[old.length * 2];
      count = hasZero ? 1 : 0;
      for (long h : old) {
        if (h != 0) {
          insert(h);
        }
      }
    }
  }

  private void toRegisters() {
    registers = new byte[REGISTERS];
    for (long hash : hashes) {
      if (hash != 0) {
        register(hash);
      }
    }
    if (hasZero) {
      register(0);
    }
    hashes = new long[0];
  }

  private void register(long hash) {
    int index = (int) (hash >>> (64 - BITS));
    int rank = Math.min(Long.numberOfLeadingZeros(hash << BITS) + 1, MAX_RANK);
    if (rank > registers[index]) {
      registers[index] = (byte) rank;
    }
  }

  @Override
  public void merge(byte[] stored) {
    if (stored[0] == 0) {
      ByteBuffer buffer = ByteBuffer.wrap(stored, 1, stored.length - 1);
      while (buffer.hasRemaining()) {
        add(buffer.getLong(), 0);
      }
      return;
    }
    if (registers.length == 0) {
      toRegisters();
    }
    for (int i = 0; i < REGISTERS; i++) {
      registers[i] = (byte) Math.max(registers[i], stored[i + 1]);
    }
  }

  @Override
  public long bytes() {
    return 64 + 8L * hashes.length + registers.length;
  }

  @Override
  public byte[] store() {
    if (registers.length > 0) {
      byte[] stored = new byte[1 + REGISTERS];
      stored[0] = 1;
      System.arraycopy(registers, 0, stored, 1, REGISTERS);
      return stored;
    }
    long[] sorted = Arrays.stream(hashes).filter(h -> h != 0).sorted().toArray();
    ByteBuffer buffer = ByteBuffer.allocate(1 + count * 8).put((byte) 0);
    if (hasZero) {
      buffer.putLong(0);
    }
    for (long hash : sorted) {
      buffer.putLong(hash);
    }
    return buffer.array();
  }

  @Override
  public Number result() {
    if (registers.length == 0) {
      return (long) count;
    }
    int[] registersOf = new int[MAX_RANK + 1];
    for (byte rank : registers) {
      registersOf[rank]++;
    }
    double z = REGISTERS * tau(1 - (double) registersOf[MAX_RANK] / REGISTERS);
    for (int rank = MAX_RANK - 1; rank >= 1; rank--) {
      z = (z + registersOf[rank]) / 2;
    }
    z += REGISTERS * sigma((double) registersOf[0] / REGISTERS);
    return Math.round(REGISTERS / (2 * Math.log(2)) * REGISTERS / z);
  }

  /// Corrects for registers that are empty: `x + sum of x^(2^k) 2^(k-1)`.
  private static double sigma(double share) {
    double power = share;
    double factor = 1;
    double sum = share;
    double before;
    do {
      power *= power;
      before = sum;
      sum += power * factor;
      factor *= 2;
    } while (sum != before);
    return sum;
  }

  /// Corrects for registers that are full: `(1 - x - sum of (1 - x^(2^-k))^2 2^-k) / 3`.
  private static double tau(double share) {
    if (share == 0 || share == 1) {
      return 0;
    }
    double root = share;
    double factor = 1;
    double sum = 1 - share;
    double before;
    do {
      root = Math.sqrt(root);
      before = sum;
      factor /= 2;
      sum -= (1 - root) * (1 - root) * factor;
    } while (sum != before);
    return sum / 3;
  }
}
