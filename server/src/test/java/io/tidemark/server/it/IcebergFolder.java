package io.tidemark.server.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/// The Iceberg table of a stream, as its metadata in an archive's folder says.
final class IcebergFolder {
  private IcebergFolder() {}

  /// How many rows its newest version has; 0 where there is none.
  static long rows(Path archive, String stream) {
    Path metadata = archive.resolve("_iceberg/%s/metadata".formatted(stream));
    try {
      String newest = Files.readString(metadata.resolve("version-hint.text"));
      JsonNode table =
          Http.JSON.readTree(Files.readString(metadata.resolve("v" + newest + ".metadata.json")));
      return table
          .get("snapshots")
          .valueStream()
          .filter(s -> s.get("snapshot-id").equals(table.get("current-snapshot-id")))
          .mapToLong(s -> s.get("summary").get("total-records").asLong())
          .sum();
    } catch (NoSuchFileException _) {
      return 0;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
