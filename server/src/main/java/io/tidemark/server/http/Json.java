package io.tidemark.server.http;

import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Writes JSON answers.
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  public static byte[] bytes(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      content.accept(json);
    }
    return out.toByteArray();
  }
}
