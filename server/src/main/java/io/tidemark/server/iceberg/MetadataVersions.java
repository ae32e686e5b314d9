package io.tidemark.server.iceberg;

import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectStore;
import io.tidemark.archive.SmallObjects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/// The metadata of one table, version by version, named as Iceberg's tables in a file system are:
/// `metadata/vN.metadata.json`, and `metadata/version-hint.text` with N. So a table is read by its
/// path alone.
///
/// A version is put once: of two who put the same one, the other one is too late. Where the hint is
/// behind, the versions after it are looked for, as readers do.
final class MetadataVersions implements TableOperations {
  static final String HINT = "version-hint.text";
  private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.metadata\\.json");

  private final ObjectStore store;
  private final StoredFiles files;
  private final String folder;
  private final Path scratch;
  private final UnaryOperator<TableMetadata> trimmed;

  private @Nullable TableMetadata current;
  private int version;
  private Predicate<TableMetadata> wanted = _ -> true;

  /// @param folder of the archive, where the metadata is, with a slash at its end
  /// @param scratch a local file of its own
  /// @param trimmed what is put of each version
  MetadataVersions(
      ObjectStore store,
      StoredFiles files,
      String folder,
      Path scratch,
      UnaryOperator<TableMetadata> trimmed) {
    this.store = store;
    this.files = files;
    this.folder = folder;
    this.scratch = scratch;
    this.trimmed = trimmed;
  }

  @Override
  public @Nullable TableMetadata current() {
    return current == null ? refresh() : current;
  }

  /// Looks for versions after the one that is known.
  @Override
  public @Nullable TableMetadata refresh() {
    try {
      while (true) {
        Optional<byte[]> next = SmallObjects.find(store, key(version + 1));
        if (next.isEmpty()) {
          return current;
        }
        read(version + 1, next.get());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads the newest version, whatever was known before: whoever has not changed the table for
  /// long may be so far behind that the versions after his own are gone, or somebody may have
  /// removed the table, or, where the store cannot tell who was first, have put the same version.
  ///
  /// @return nothing where there is no table
  @Nullable TableMetadata reload() throws IOException {
    current = null;
    version = 0;
    int last = last();
    if (last > 0) {
      read(last, store.getBytes(key(last)));
    }
    return refresh();
  }

  private void read(int number, byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    current = TableMetadataParser.fromJson(files.location(key(number)), text);
    version = number;
  }

  private int last() throws IOException {
    int[] last = {0};
    store.list(
        folder + "v",
        "",
        found -> {
          Matcher name = VERSION.matcher(found.key().text().substring(folder.length()));
          if (name.matches()) {
            last[0] = Math.max(last[0], Integer.parseInt(name.group(1)));
          }
          return true;
        });
    return last[0];
  }

  /// Has the hint name the newest version, as far as is known. Readers that go by it alone see an
  /// old one until then.
  void mendHint() throws IOException {
    byte[] wanted = Integer.toString(version).getBytes(StandardCharsets.UTF_8);
    ObjectKey hint = new ObjectKey(folder + HINT);
    if (version > 0
        && !SmallObjects.find(store, hint)
            .filter(there -> Arrays.equals(there, wanted))
            .isPresent()) {
      store.putBytes(hint, wanted);
    }
  }

  /// From now on nothing is committed on top of what is not so.
  void require(Predicate<TableMetadata> base) {
    wanted = base;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // As the library has it: what was looked at is the base.
  public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
    if (base != current || (base != null && !wanted.test(base))) {
      throw new CommitFailedException("the table has changed meanwhile");
    }
    ObjectKey key = key(version + 1);
    TableMetadata next = trimmed.apply(metadata);
    byte[] content = TableMetadataParser.toJson(next).getBytes(StandardCharsets.UTF_8);
    try {
      byte[] there = SmallObjects.putFirst(store, key, content, scratch);
      if (!Arrays.equals(there, content)) {
        throw new CommitFailedException("somebody else was quicker with version %d", version + 1);
      }
      // From here on it is so, whatever fails.
      current =
          TableMetadata.buildFrom(next)
              .discardChanges()
              .withMetadataLocation(files.location(key))
              .build();
      version++;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ObjectKey key(int number) {
    return new ObjectKey("%sv%d.metadata.json".formatted(folder, number));
  }

  @Override
  public FileIO io() {
    return files;
  }

  @Override
  public String metadataFileLocation(String name) {
    return files.location(new ObjectKey(folder + name));
  }

  @Override
  public LocationProvider locationProvider() {
    TableMetadata now = Objects.requireNonNull(current());
    return LocationProviders.locationsFor(now.location(), now.properties());
  }
}
