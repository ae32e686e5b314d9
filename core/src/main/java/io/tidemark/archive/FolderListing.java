package io.tidemark.archive;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Visits the objects below a folder in the order of their keys; holds the names of one folder for
/// each level. A folder sorts as its name with the slash, since that is how the keys in it go on.
final class FolderListing {
  private final Path root;
  private final String prefix;
  private final String after;
  private final ObjectStore.Visitor visitor;

  FolderListing(Path root, String prefix, String after, ObjectStore.Visitor visitor) {
    this.root = root;
    this.prefix = prefix;
    this.after = after;
    this.visitor = visitor;
  }

  void visit() throws IOException {
    boolean _ = visit(root, "");
  }

  /// @param begin how the keys in the folder begin
  /// @return whether to go on
  private boolean visit(Path folder, String begin) throws IOException {
    for (String name : names(folder, begin)) {
      boolean goOn =
          name.endsWith("/")
              ? visit(folder.resolve(name.substring(0, name.length() - 1)), begin + name)
              : visitFile(folder.resolve(name), begin + name);
      if (!goOn) {
        return false;
      }
    }
    return true;
  }

  private List<String> names(Path folder, String begin) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (ObjectKey.isPart(name)) {
          String slashed = Files.isDirectory(entry) ? name + "/" : name;
          if (isWanted(begin + slashed)) {
            names.add(slashed);
          }
        }
      }
    } catch (NoSuchFileException | NotDirectoryException _) {
      // Deleted meanwhile.
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw FolderErrors.of("listing", folder, Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw FolderErrors.of("listing", folder, e);
    }
    names.sort(null);
    return names;
  }

  /// Whether a key, or any key in a folder, may be one to visit.
  private boolean isWanted(String begin) {
    boolean folder = begin.endsWith("/");
    boolean inPrefix = begin.startsWith(prefix) || (folder && prefix.startsWith(begin));
    boolean beyond = begin.compareTo(after) > 0 || (folder && after.startsWith(begin));
    return inPrefix && beyond;
  }

  private boolean visitFile(Path file, String key) throws IOException {
    if (!ObjectKey.isKey(key)) {
      return true;
    }
    BasicFileAttributes found = attributes(file);
    return found == null || visitor.visit(FolderObjectStore.object(new ObjectKey(key), found));
  }

  private static @Nullable BasicFileAttributes attributes(Path file) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return found.isRegularFile() ? found : null;
    } catch (NoSuchFileException _) {
      return null;
    } catch (IOException e) {
      throw FolderErrors.of("looking at", file, e);
    }
  }
}
