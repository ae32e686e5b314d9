package io.tidemark.app;

/// One mistake in a declaration.
///
/// @param file as the user would name it
/// @param line from 1
/// @param column from 1
/// @param message what is wrong and the nearest right thing, a sentence without a full stop
public record Problem(String file, int line, int column, String message)
    implements Comparable<Problem> {
  @Override
  public int compareTo(Problem that) {
    int byFile = file.compareTo(that.file);
    int byLine = byFile != 0 ? byFile : Integer.compare(line, that.line);
    return byLine != 0 ? byLine : Integer.compare(column, that.column);
  }

  @Override
  public String toString() {
    return file + ":" + line + ":" + column + ": " + message;
  }
}
