package io.tidemark.table;

/// First lengths of arrays that grow by doubling to megabytes.
///
/// The heap is made of regions, a power of two long each (see `server/jvm.options`), and a large
/// array has regions of its own. With its header, one of a power of two bytes needs one region more
/// than its content, at worst twice its size; these lengths come out a sixteenth below.
public final class Growth {
  /// For arrays of which there may be many short ones.
  public static final int FEW = 15;

  /// For arrays that mostly become long.
  public static final int MANY = 16 * FEW;

  private Growth() {}
}
