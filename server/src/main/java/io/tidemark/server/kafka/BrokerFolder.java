package io.tidemark.server.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/// A broker's folder, or one that is to be.
///
/// Kafka's own formatter forces only some of its files to the disk: after a failure of the power
/// the others would be empty, and the broker would never start again. So it writes into a folder
/// beside, whose files are then copied durably, the one that makes the folder a broker's last.
final class BrokerFolder {
  private static final String LAST = "meta.properties";

  private final Path folder;

  BrokerFolder(Path folder) {
    this.folder = folder;
  }

  /// Makes the folder a broker's where it is not yet one; the cluster's id then stays for good.
  void format() throws IOException {
    if (Files.exists(folder.resolve(LAST))) {
      return;
    }
    Path draft = folder.resolveSibling(folder.getFileName() + ".tmp");
    Files.createDirectories(folder);
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      forceNames(parent);
    }
    delete(draft);
    write(draft);
    for (Path file : list(draft)) {
      if (!file.endsWith(LAST)) {
        copy(draft, draft.relativize(file).toString());
      }
    }
    copy(draft, LAST);
    delete(draft);
  }

  private static void write(Path draft) throws IOException {
    try (PrintStream quiet =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      new Formatter()
          .setPrintStream(quiet)
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(BrokerSettings.NODE_ID)
          .setDirectories(List.of(draft.toString()))
          .setMetadataLogDirectory(draft.toString())
          .setControllerListenerName(BrokerSettings.CONTROLLER)
          .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .run();
    } catch (Exception e) {
      throw new IOException("cannot prepare " + draft + " for the embedded broker", e);
    }
  }

  private void copy(Path draft, String name) throws IOException {
    Path temporary = folder.resolve(name + ".tmp");
    Files.copy(draft.resolve(name), temporary, StandardCopyOption.REPLACE_EXISTING);
    force(temporary, StandardOpenOption.WRITE);
    Files.move(temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    forceNames(folder);
  }

  /// Forces the records of a partition to the disk: all that its files have now, by whomever it was
  /// written. What has been forced before costs next to nothing.
  void force(String topic, int partition) throws IOException {
    Path log = folder.resolve(topic + "-" + partition);
    for (Path file : list(log)) {
      if (file.toString().endsWith(".log")) {
        try {
          force(file, StandardOpenOption.WRITE);
        } catch (NoSuchFileException _) {
          // It was trimmed meanwhile.
        }
      }
    }
    forceNames(log);
    forceNames(folder);
  }

  private static void force(Path file, StandardOpenOption mode) throws IOException {
    try (FileChannel channel = FileChannel.open(file, mode)) {
      channel.force(true);
    }
  }

  private static void forceNames(Path folder) throws IOException {
    force(folder, StandardOpenOption.READ);
  }

  private static void delete(Path draft) throws IOException {
    if (Files.exists(draft)) {
      for (Path file : list(draft)) {
        Files.delete(file);
      }
      Files.delete(draft);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
