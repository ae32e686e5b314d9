package io.tidemark.server.sql;

import java.io.OutputStream;
import java.sql.SQLException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// `{"columns":[{"name":…,"type":…},…],"rows":[[…],…],"row_count":…}`.
final class JsonResult implements ResultWriter {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final JsonGenerator json;

  JsonResult(OutputStream out) {
    this.json = FACTORY.createGenerator(ObjectWriteContext.empty(), out);
  }

  @Override
  public void begin(Cells cells) {
    json.writeStartObject();
    json.writeArrayPropertyStart("columns");
    for (int i = 0; i < cells.size(); i++) {
      json.writeStartObject();
      json.writeStringProperty("name", cells.names()[i]);
      json.writeStringProperty("type", cells.asked()[i]);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayPropertyStart("rows");
  }

  @Override
  public void row(Cells cells) throws SQLException {
    json.writeStartArray();
    for (int i = 0; i < cells.size(); i++) {
      Values.write(Values.of(cells.result(), i + 1, cells.types()[i]), json);
    }
    json.writeEndArray();
  }

  @Override
  public void end(long rows) {
    json.writeEndArray();
    json.writeNumberProperty("row_count", rows);
    json.writeEndObject();
    json.close();
  }

  /// An object a row.
  static final class Lines implements ResultWriter {
    private static final JsonFactory FACTORY =
        JsonFactory.builder().rootValueSeparator("\n").build();

    private final JsonGenerator json;

    Lines(OutputStream out) {
      this.json = FACTORY.createGenerator(ObjectWriteContext.empty(), out);
    }

    @Override
    public void begin(Cells cells) {}

    @Override
    public void row(Cells cells) throws SQLException {
      json.writeStartObject();
      for (int i = 0; i < cells.size(); i++) {
        json.writeName(cells.names()[i]);
        Values.write(Values.of(cells.result(), i + 1, cells.types()[i]), json);
      }
      json.writeEndObject();
    }

    @Override
    public void end(long rows) {
      if (rows > 0) {
        json.writeRaw('\n');
      }
      json.close();
    }
  }
}
