package io.tidemark.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The app `allezon` with an id in each tag (`tag_id`, a string that nothing is declared of), and
/// perhaps with further views.
///
/// @param retain as in `app.yaml`
/// @param views further ones, each on one line
public record DayApp(String retain, List<String> views) {
  /// Quantiles of prices for each quarter of an hour, action and device.
  public static final String PRICES =
      "prices: { rollup: user_tags, every: 15m, by: [action, device], sets: all, measures:"
          + " { p50: p50(product_info.price), p99: p99(product_info.price) } }";

  /// What would be one more view of an app: what each country looks at, by hours.
  public static final String COUNTRIES =
      "countries: { rollup: user_tags, every: 1h, by: [country, product_info.category_id],"
          + " measures: { count: count(), price: sum(product_info.price) } }";

  public DayApp {
    views = List.copyOf(views);
  }

  /// Writes the app's declarations into a folder.
  ///
  /// @param root the project's
  /// @return the folder
  public Path write(Path root, Path folder) throws IOException {
    Files.createDirectories(folder.resolve("schemas"));
    Path allezon = root.resolve("apps/allezon");
    StringBuilder more = new StringBuilder();
    views.forEach(view -> more.append("\n  ").append(view));
    String app = Files.readString(allezon.resolve("app.yaml"));
    app = replace(app, "retain: 24h", "retain: " + retain);
    app = replace(app, "\n\ncontracts:", more + "\n\ncontracts:");
    Files.writeString(folder.resolve("app.yaml"), app);
    String schema = Files.readString(allezon.resolve("schemas/user_tag.json"));
    String cookie = "\"cookie\": {";
    schema = replace(schema, cookie, "\"tag_id\": { \"type\": \"string\" },\n    " + cookie);
    Files.writeString(folder.resolve("schemas/user_tag.json"), schema);
    return folder;
  }

  private static String replace(String text, String old, String with) throws IOException {
    int at = text.indexOf(old);
    if (at < 0) {
      throw new IOException("the app allezon has no \"" + old + "\" any more");
    }
    return text.substring(0, at) + with + text.substring(at + old.length());
  }
}
