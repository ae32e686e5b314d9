package io.tidemark.server.it;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A user tag as the contract describes it: what was sent, and what of it matters to answers.
///
/// @param document everything that was sent
record UserTag(
    long timeMs,
    String cookie,
    String action,
    String origin,
    String brand,
    String category,
    long price,
    ObjectNode document) {
  /// Reads numbers as they are written.
  static final ObjectMapper EXACT =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private static final ObjectMapper ASCII =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

  /// A tag with the contract's fields in the contract's order.
  static UserTag of(
      long timeMs,
      String cookie,
      String country,
      String device,
      String action,
      String origin,
      JsonNode productId,
      String brand,
      String category,
      int price) {
    ObjectNode tag = JsonNodeFactory.instance.objectNode();
    tag.put("time", millis(timeMs) + "Z");
    tag.put("cookie", cookie);
    tag.put("country", country);
    tag.put("device", device);
    tag.put("action", action);
    tag.put("origin", origin);
    ObjectNode product = tag.putObject("product_info");
    product.set("product_id", productId);
    product.put("brand_id", brand);
    product.put("category_id", category);
    product.put("price", price);
    return new UserTag(timeMs, cookie, action, origin, brand, category, price, tag);
  }

  /// An ordinary tag where nothing but this matters.
  static UserTag simple(long timeMs, String cookie, String action, int price) {
    return of(
        timeMs,
        cookie,
        "PL",
        "PC",
        action,
        "spring",
        JsonNodeFactory.instance.numberNode(17),
        "nova",
        "shoes",
        price);
  }

  String json() {
    return EXACT.writeValueAsString(document);
  }

  /// The same with every character beyond ASCII escaped.
  String escaped() {
    return ASCII.writeValueAsString(document);
  }

  /// The same over several lines.
  String pretty() {
    return EXACT.writerWithDefaultPrettyPrinter().writeValueAsString(document);
  }

  /// `2022-03-22T12:15:00.000`.
  static String millis(long timeMs) {
    return MILLIS.format(Instant.ofEpochMilli(timeMs));
  }

  /// `2022-03-22T12:15:00`.
  static String seconds(long timeMs) {
    return SECONDS.format(Instant.ofEpochMilli(timeMs));
  }
}
