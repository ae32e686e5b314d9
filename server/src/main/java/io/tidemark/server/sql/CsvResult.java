package io.tidemark.server.sql;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// CSV as in RFC 4180, with a first line of names. NULL is nothing, an empty text is `""`, and what
/// is nested is JSON.
final class CsvResult implements ResultWriter {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final String LINE_END = "\r\n";

  private final Writer out;

  CsvResult(OutputStream out) {
    this.out = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
  }

  @Override
  public void begin(Cells cells) throws IOException {
    for (int i = 0; i < cells.size(); i++) {
      out.write(i == 0 ? "" : ",");
      out.write(quoted(cells.names()[i]));
    }
    out.write(LINE_END);
  }

  @Override
  public void row(Cells cells) throws SQLException, IOException {
    for (int i = 0; i < cells.size(); i++) {
      out.write(i == 0 ? "" : ",");
      Object value = Values.of(cells.result(), i + 1, cells.types()[i]);
      if (value != null) {
        out.write(quoted(Values.isNested(value) ? json(value) : Values.textOf(value)));
      }
    }
    out.write(LINE_END);
  }

  private static String json(@Nullable Object value) throws SQLException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      Values.write(value, json);
    }
    return text.toString();
  }

  private static String quoted(String text) {
    boolean plain = !text.isEmpty() && text.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  @Override
  public void end(long rows) throws IOException {
    out.flush();
  }
}
