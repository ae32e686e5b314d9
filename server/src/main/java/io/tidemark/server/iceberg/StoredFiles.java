package io.tidemark.server.iceberg;

import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectMissingException;
import io.tidemark.archive.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/// What Iceberg writes beside the files of an archive: each is one small object. Failures of the
/// archive come out as [UncheckedIOException].
final class StoredFiles implements FileIO {
  private static final long serialVersionUID = 1L;

  private final transient ObjectStore store;
  private final String root;
  private final String folder;

  /// @param root where the archive is, for any engine, without a slash at its end
  /// @param folder of the archive, with a slash at its end: nothing else is deleted
  StoredFiles(ObjectStore store, String root, String folder) {
    this.store = store;
    this.root = root;
    this.folder = folder;
  }

  /// Where an object is, for any engine.
  String location(ObjectKey key) {
    return root + "/" + key;
  }

  /// The object that is somewhere.
  ObjectKey key(String location) {
    if (!location.startsWith(root + "/")) {
      throw new IllegalArgumentException(location + " is not in " + root);
    }
    return new ObjectKey(location.substring(root.length() + 1));
  }

  @Override
  public InputFile newInputFile(String location) {
    try {
      return new InMemoryInputFile(location, store.getBytes(key(location)));
    } catch (ObjectMissingException e) {
      throw new NotFoundException(e, "%s is not there", location);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public OutputFile newOutputFile(String location) {
    return new NewObject(key(location));
  }

  /// Files with events are deleted by who knows that nobody needs them any more.
  @Override
  public void deleteFile(String location) {
    ObjectKey key = key(location);
    if (!key.text().startsWith(folder)) {
      return;
    }
    try {
      store.delete(key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Not there before it is closed.
  private final class NewObject implements OutputFile {
    private final ObjectKey key;

    NewObject(ObjectKey key) {
      this.key = key;
    }

    @Override
    public PositionOutputStream create() {
      try {
        if (store.stat(key).isPresent()) {
          throw new AlreadyExistsException("%s is there already", location());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return createOrOverwrite();
    }

    @Override
    public PositionOutputStream createOrOverwrite() {
      return new Content(key);
    }

    @Override
    public String location() {
      return StoredFiles.this.location(key);
    }

    @Override
    public InputFile toInputFile() {
      return newInputFile(location());
    }
  }

  private final class Content extends PositionOutputStream {
    private final ObjectKey key;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean isClosed;

    Content(ObjectKey key) {
      this.key = key;
    }

    @Override
    public long getPos() {
      return bytes.size();
    }

    @Override
    public void write(int b) {
      bytes.write(b);
    }

    @Override
    public void write(byte[] b, int off, int len) {
      bytes.write(b, off, len);
    }

    @Override
    public void close() throws IOException {
      if (!isClosed) {
        isClosed = true;
        store.putBytes(key, bytes.toByteArray());
      }
    }
  }
}
