package io.tidemark.server.sql;

import io.tidemark.log.Mark;
import io.tidemark.query.SqlAnswer;
import io.tidemark.query.SqlFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// An answer in a file, which goes with it.
record ResultFile(Path file, SqlFormat format, Mark mark, boolean isOfEarlierView, long length)
    implements SqlAnswer {
  @Override
  public InputStream open() throws IOException {
    return Files.newInputStream(file);
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
