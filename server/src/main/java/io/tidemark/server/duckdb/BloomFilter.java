package io.tidemark.server.duckdb;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import net.jpountz.xxhash.XXHash64;
import net.jpountz.xxhash.XXHashFactory;
import org.apache.parquet.format.BloomFilterAlgorithm;
import org.apache.parquet.format.BloomFilterCompression;
import org.apache.parquet.format.BloomFilterHash;
import org.apache.parquet.format.BloomFilterHeader;
import org.apache.parquet.format.SplitBlockAlgorithm;
import org.apache.parquet.format.Uncompressed;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.XxHash;

/// Which texts a column chunk of a Parquet file may have: a split block Bloom filter over their
/// hashes by XXH64, as the format's specification has it ("Parquet Bloom Filter"). Of the texts
/// that are not there it takes one in a hundred for one that may be.
final class BloomFilter {
  private static final double FALSE_POSITIVES = 0.01;

  /// Bits that are set for each value, one in each word of a block.
  private static final int WORDS = 8;

  static final int BLOCK_BYTES = WORDS * Integer.BYTES;

  /// The specification's.
  private static final int[] SALTS = {
    0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31
  };

  private static final XXHash64 XXH64 = XXHashFactory.fastestJavaInstance().hash64();

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bits;

  /// @param hashes of the texts, see [#hash]; they are sorted
  /// @param count how many there are, one at least
  BloomFilter(long[] hashes, int count) {
    Arrays.sort(hashes, 0, count);
    int distinct = 1;
    for (int i = 1; i < count; i++) {
      distinct += hashes[i] == hashes[i - 1] ? 0 : 1;
    }
    double wanted =
        -WORDS * distinct / Math.log(1 - Math.pow(FALSE_POSITIVES, 1.0 / WORDS)) / Byte.SIZE;
    bits = new byte[BLOCK_BYTES * Math.max(1, (int) Math.ceil(wanted / BLOCK_BYTES))];
    for (int i = 0; i < count; i++) {
      add(hashes[i]);
    }
  }

  /// @param text as it is handed over to be stored
  static long hash(byte[] text) {
    byte[] stored = RowsFunction.stored(text);
    return XXH64.hash(stored, 0, stored.length, 0);
  }

  private void add(long hash) {
    int block = blockOf(hash, bits.length);
    for (int i = 0; i < WORDS; i++) {
      int at = block * BLOCK_BYTES + i * Integer.BYTES;
      INTS.set(bits, at, (int) INTS.get(bits, at) | bit(hash, i));
    }
  }

  private static int bit(long hash, int word) {
    return 1 << (((int) hash * SALTS[word]) >>> 27);
  }

  /// Which block of a filter tells of a text.
  ///
  /// @param length of the filter's bits, in bytes
  static int blockOf(long hash, int length) {
    return (int) (((hash >>> Integer.SIZE) * (length / BLOCK_BYTES)) >>> Integer.SIZE);
  }

  /// Whether there may be a text.
  ///
  /// @param block the one that tells of it, little endian
  static boolean mayHave(long hash, ByteBuffer block) {
    for (int i = 0; i < WORDS; i++) {
      if ((block.getInt(i * Integer.BYTES) & bit(hash, i)) == 0) {
        return false;
      }
    }
    return true;
  }

  /// Writes it as it is in a file.
  void writeTo(OutputStream out) throws IOException {
    Util.writeBloomFilterHeader(
        new BloomFilterHeader(
            bits.length,
            BloomFilterAlgorithm.BLOCK(new SplitBlockAlgorithm()),
            BloomFilterHash.XXHASH(new XxHash()),
            BloomFilterCompression.UNCOMPRESSED(new Uncompressed())),
        out);
    out.write(bits);
  }
}
