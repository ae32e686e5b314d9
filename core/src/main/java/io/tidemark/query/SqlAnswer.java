package io.tidemark.query;

import io.tidemark.log.Mark;
import java.io.IOException;
import java.io.InputStream;

/// An answer to SQL, whole: whoever reads it slowly holds nothing but the room that it takes.
public interface SqlAnswer extends AutoCloseable {
  /// What it contains of each shard that was read.
  Mark mark();

  /// Whether it is of a rollup as it was declared before.
  boolean isOfEarlierView();

  /// What its bytes are.
  SqlFormat format();

  /// How many bytes it has.
  long length();

  /// Its bytes.
  InputStream open() throws IOException;

  @Override
  void close() throws IOException;
}
