package io.tidemark.server.s3;

import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.ObjectDiffersException;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectStore;
import io.tidemark.table.FileSum;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/// Reads objects, and what came of them.
record Downloads(Requests requests) {
  private static final int BUFFER_BYTES = 64 << 10;

  /// Reads an object into a new file.
  ///
  /// @param most how many bytes are wanted; of a longer one only some more are read
  /// @return what came
  FileSum into(ObjectKey key, Path file, long most) throws IOException {
    try (OutputStream to = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
      return copy(key, open(key), to, most);
    }
  }

  /// Reads all of an object, and keeps nothing of it.
  FileSum sum(ObjectKey key) throws IOException {
    return copy(key, open(key), OutputStream.nullOutputStream(), Long.MAX_VALUE);
  }

  /// The content of a small object.
  byte[] bytes(ObjectKey key) throws IOException {
    ResponseInputStream<GetObjectResponse> from = open(key);
    OptionalLong crc = Sums.known(from.response().metadata(), from.response().checksumCRC32C());
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    FileSum came = copy(key, from, content, ObjectStore.MAX_BYTES);
    if (came.bytes() > ObjectStore.MAX_BYTES) {
      throw new ObjectDiffersException(
          "%s is longer than %d bytes".formatted(requests.name(key), ObjectStore.MAX_BYTES), null);
    }
    if (crc.orElse(came.crc32c()) != came.crc32c()) {
      throw new ArchiveUnavailableException(
          "%s came with the checksum %08x instead of %08x"
              .formatted(requests.name(key), came.crc32c(), crc.getAsLong()),
          null);
    }
    return content.toByteArray();
  }

  private ResponseInputStream<GetObjectResponse> open(ObjectKey key) throws IOException {
    ResponseInputStream<GetObjectResponse> from =
        requests.call(
            doing(key),
            () ->
                requests
                    .client()
                    .getObject(b -> b.bucket(requests.bucket().name()).key(requests.key(key))));
    if (from.response().eTag() == null || from.response().contentLength() == null) {
      from.abort();
      Requests.require(false, doing(key));
    }
    return from;
  }

  private String doing(ObjectKey key) {
    return "reading " + requests.name(key);
  }

  private FileSum copy(
      ObjectKey key, ResponseInputStream<GetObjectResponse> from, OutputStream to, long most)
      throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[BUFFER_BYTES];
    long bytes = 0;
    boolean ended = false;
    try {
      while (!ended && bytes <= most) {
        int read = read(key, from, buffer);
        if (read < 0) {
          ended = true;
        } else {
          bytes += read;
          crc.update(buffer, 0, read);
          to.write(buffer, 0, read);
        }
      }
    } finally {
      if (ended) {
        from.close();
      } else {
        // Closing would read the rest.
        from.abort();
      }
    }
    Requests.require(!ended || bytes == from.response().contentLength(), doing(key));
    return new FileSum(bytes, crc.getValue());
  }

  private int read(ObjectKey key, ResponseInputStream<GetObjectResponse> from, byte[] buffer)
      throws IOException {
    try {
      return from.read(buffer);
    } catch (AbortedException | InterruptedIOException e) {
      if (e instanceof AbortedException || Thread.currentThread().isInterrupted()) {
        var interrupted = new InterruptedIOException("interrupted " + doing(key));
        interrupted.initCause(e);
        throw interrupted;
      }
      throw new ArchiveUnavailableException(doing(key) + " broke off: " + e, e);
    } catch (IOException e) {
      throw new ArchiveUnavailableException(doing(key) + " broke off: " + e, e);
    }
  }
}
