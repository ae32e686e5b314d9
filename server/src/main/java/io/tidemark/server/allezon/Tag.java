package io.tidemark.server.allezon;

import io.tidemark.server.http.Instants;
import io.tidemark.server.http.Json;

/// A user tag, as generators make them.
///
/// @param timeMs milliseconds since 1970
/// @param productNumber the product's id
/// @param numeric whether the product's id is sent as a number rather than a string
public record Tag(
    long timeMs,
    String cookie,
    String country,
    String device,
    String action,
    String origin,
    int productNumber,
    boolean numeric,
    String brand,
    String category,
    int price) {
  /// The JSON that is posted, on one line.
  public String json() {
    StringBuilder json = new StringBuilder(320);
    json.append("{\"time\":\"").append(Instants.format(timeMs * 1000)).append("\",\"cookie\":");
    json.append(
        new String(
            Json.bytes(j -> j.writeString(cookie)), java.nio.charset.StandardCharsets.UTF_8));
    json.append(",\"country\":\"").append(country);
    json.append("\",\"device\":\"").append(device);
    json.append("\",\"action\":\"").append(action);
    json.append("\",\"origin\":\"").append(origin);
    json.append("\",\"product_info\":{\"product_id\":");
    if (numeric) {
      json.append(productNumber);
    } else {
      json.append("\"product-").append(productNumber).append('"');
    }
    json.append(",\"brand_id\":\"").append(brand);
    json.append("\",\"category_id\":\"").append(category);
    json.append("\",\"price\":").append(price).append("}}");
    return json.toString();
  }

  public boolean isView() {
    return action.equals("VIEW");
  }
}
