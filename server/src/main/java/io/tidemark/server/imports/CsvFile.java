package io.tidemark.server.imports;

import io.tidemark.event.FieldType;
import io.tidemark.server.imports.RowJson.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// CSV as RFC 4180 has it, in UTF-8: cells may be in quotes, and have line ends then. An empty cell
/// is no value; an empty one in quotes is an empty text.
final class CsvFile implements EventFile {
  private final Path file;
  private final TextBytes in;
  private final ByteArrayOutputStream cell = new ByteArrayOutputStream();
  private final List<@Nullable String> row = new ArrayList<>();
  private final List<String> header;
  private final RowJson json;
  private long line = 1;

  /// What is wrong with the row.
  private String problem = "";

  private CsvFile(Path file, TextBytes in, Map<String, FieldType> types) throws IOException {
    this.file = file;
    this.in = in;
    if (!readRow()) {
      throw new IOException("the first line must name the fields, and the file is empty");
    }
    this.header = new ArrayList<>();
    List<List<String>> paths = new ArrayList<>();
    List<Kind> kinds = new ArrayList<>();
    for (String name : row) {
      String path = name == null ? "" : name.strip();
      header.add(path);
      paths.add(RowJson.path(path));
      kinds.add(Kind.of(types.get(path)));
    }
    this.json = new RowJson(paths, kinds);
  }

  static CsvFile open(Path file, Map<String, FieldType> types) throws IOException {
    TextBytes in = TextBytes.open(file);
    try {
      return new CsvFile(file, in, types);
    } catch (IOException e) {
      in.close();
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public @Nullable Event next() throws IOException {
    while (true) {
      long first = line;
      if (!readRow()) {
        return null;
      }
      if (row.size() == 1 && row.getFirst() == null) {
        // An empty line.
        continue;
      }
      if (row.size() != header.size()) {
        problem =
            "%d cells instead of the %d of the first line".formatted(row.size(), header.size());
      }
      return problem.isEmpty()
          ? new Event(first, json.event(row))
          : new Event(first, RowJson.array(row), problem);
    }
  }

  /// Reads the cells of a row.
  ///
  /// @return whether there is one
  private boolean readRow() throws IOException {
    row.clear();
    problem = "";
    int b = in.peek();
    if (b < 0) {
      return false;
    }
    long first = line;
    boolean ended = false;
    while (!ended) {
      boolean quoted = in.peek() == '"';
      b = quoted ? readQuoted(first) : readPlain();
      row.add(cell.size() == 0 && !quoted ? null : cell.toString(StandardCharsets.UTF_8));
      cell.reset();
      ended = b != ',';
    }
    line++;
    return true;
  }

  /// @return what ends the cell: a comma, or the line or file
  private int readPlain() throws IOException {
    for (int b = in.read(); ; b = in.read()) {
      if (b == '\r' && in.peek() == '\n') {
        return in.read();
      }
      if (b == ',' || b == '\n' || b < 0) {
        return b;
      }
      cell.write(b);
    }
  }

  private int readQuoted(long first) throws IOException {
    int opening = in.read();
    for (int b = in.read(); ; b = in.read()) {
      if (b < 0) {
        throw new IOException(
            "%s, line %d: a cell begins with a quote and never ends".formatted(file, first));
      }
      if (b == opening) {
        if (in.peek() == opening) {
          cell.write(in.read());
          continue;
        }
        int after = in.peek();
        if (after != ',' && after != '\n' && after != '\r' && after >= 0) {
          problem =
              "after a cell in quotes comes '%c'; a quote in it is written twice".formatted(after);
        }
        return readPlain();
      }
      if (b == '\n') {
        line++;
      }
      cell.write(b);
    }
  }

  @Override
  public long bytesRead() {
    return in.bytesRead();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
