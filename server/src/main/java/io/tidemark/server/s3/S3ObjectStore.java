package io.tidemark.server.s3;

import io.tidemark.archive.ArchiveAddress.Bucket;
import io.tidemark.archive.ArchiveException;
import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.LocalFileException;
import io.tidemark.archive.ObjectDiffersException;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectMissingException;
import io.tidemark.archive.ObjectStore;
import io.tidemark.archive.StoredObject;
import io.tidemark.files.DurableFiles;
import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/// Objects in a bucket. Does not try again, beyond what the library does for a single request: that
/// is [io.tidemark.archive.RetryingStore]'s part.
///
/// A file up to [#PART_BYTES] is sent at once, a longer one in parts of that length; so much of it
/// is in memory.
public final class S3ObjectStore implements ObjectStore {
  /// At least 5 MB, and 10 000 parts at most: enough for 156 GB.
  static final int PART_BYTES = 16 << 20;

  /// What S3 lists at once, at most.
  static final int PAGE_KEYS = 1000;

  private final Requests requests;
  private final Downloads downloads;
  private final int partBytes;
  private final int pageKeys;
  private volatile boolean bucketSeen;

  S3ObjectStore(S3Client client, Bucket bucket, int partBytes, int pageKeys) {
    this.requests = new Requests(client, bucket, new Dialect());
    this.downloads = new Downloads(requests);
    this.partBytes = partBytes;
    this.pageKeys = pageKeys;
  }

  /// Opens a bucket; no request is made yet.
  public static S3ObjectStore open(Bucket bucket, S3Timeouts timeouts) throws IOException {
    return new S3ObjectStore(S3Clients.client(timeouts), bucket, PART_BYTES, PAGE_KEYS);
  }

  @Override
  public boolean put(ObjectKey key, Path file, FileSum sum) throws IOException {
    if (isThere(key, sum)) {
      return false;
    }
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ)) {
      if (from.size() != sum.bytes()) {
        throw new LocalFileException(
            file, "has %d bytes instead of %d".formatted(from.size(), sum.bytes()));
      }
      if (sum.bytes() > partBytes) {
        return new MultipartPut(requests, key, file, from, sum, partBytes).put()
            ? isCompleted(key, sum)
            : wasQuicker(key, sum);
      }
      byte[] content = new byte[(int) sum.bytes()];
      Sums sums = Sums.of(readFully(from, 0, content));
      if (!sums.fileSum().equals(sum)) {
        throw new LocalFileException(
            file, "has the checksum %08x instead of %08x".formatted(sums.crc32c(), sum.crc32c()));
      }
      return send(key, content, sums, true) || wasQuicker(key, sum);
    }
  }

  /// Somebody has put something while we did.
  ///
  /// @return false, where it is the same
  private boolean wasQuicker(ObjectKey key, FileSum sum) throws IOException {
    if (isThere(key, sum)) {
      return false;
    }
    throw new ArchiveUnavailableException(
        requests.name(key) + " was there while it was put, and is gone", null);
  }

  /// An upload that was begun for another file under the same key, and had only parts of this one,
  /// has completed with that one's checksum beside it.
  private boolean isCompleted(ObjectKey key, FileSum sum) throws IOException {
    try {
      return isAsSent(key, sum);
    } catch (ArchiveUnavailableException e) {
      if (stat(key).isPresent()) {
        delete(key);
      }
      throw e;
    }
  }

  static byte[] readFully(FileChannel from, long at, byte[] into) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(into);
    while (buffer.hasRemaining()) {
      if (from.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("a file has become shorter while it was sent");
      }
    }
    return into;
  }

  /// @param isNew whether nothing may be there yet
  /// @return whether it is there now as sent; false where something was there already
  private boolean send(ObjectKey key, byte[] content, Sums sums, boolean isNew) throws IOException {
    String doing = "putting " + requests.name(key);
    PutObjectResponse answer;
    try {
      answer =
          requests.put(
              doing,
              () ->
                  requests
                      .client()
                      .putObject(
                          b -> {
                            b.bucket(requests.bucket().name())
                                .key(requests.key(key))
                                .contentMD5(sums.md5Text())
                                .metadata(Sums.entry(sums.crc32c()));
                            if (requests.dialect().hasChecksums()) {
                              b.checksumCRC32C(sums.crcText());
                            }
                            if (isNew && requests.dialect().hasConditions()) {
                              b.ifNoneMatch("*");
                            }
                          },
                          RequestBody.fromBytes(content)));
    } catch (AwsServiceException _) {
      return false;
    }
    Requests.require(answer.eTag() != null, doing);
    boolean known =
        answer.checksumCRC32C() == null
            ? sums.isTag(answer.eTag())
            : sums.crcText().equals(answer.checksumCRC32C());
    return known || !isNew || isAsSent(key, sums.fileSum());
  }

  private boolean isAsSent(ObjectKey key, FileSum sum) throws IOException {
    StoredObject found =
        stat(key)
            .orElseThrow(
                () ->
                    new ArchiveUnavailableException(
                        requests.name(key) + " is not there after it was put", null));
    if (found.bytes() != sum.bytes() || found.crc32c().orElse(-1) != sum.crc32c()) {
      throw new ArchiveUnavailableException(
          "%s is not what was put: %s".formatted(requests.name(key), found), null);
    }
    return true;
  }

  /// Whether just this is there.
  private boolean isThere(ObjectKey key, FileSum sum) throws IOException {
    Optional<StoredObject> there = stat(key);
    if (there.isEmpty()) {
      return false;
    }
    requireSame(key, there.get(), sum);
    if (there.get().crc32c().isEmpty()) {
      FileSum read = downloads.sum(key);
      if (!read.equals(sum)) {
        throw differs(key, read.bytes(), OptionalLong.of(read.crc32c()), sum);
      }
    }
    return true;
  }

  private void requireSame(ObjectKey key, StoredObject there, FileSum sum)
      throws ObjectDiffersException {
    if (there.bytes() != sum.bytes() || there.crc32c().orElse(sum.crc32c()) != sum.crc32c()) {
      throw differs(key, there.bytes(), there.crc32c(), sum);
    }
  }

  private ObjectDiffersException differs(
      ObjectKey key, long bytes, OptionalLong crc32c, FileSum sum) {
    return new ObjectDiffersException(
        "%s has %d bytes with the checksum %s, not %d with %08x"
            .formatted(
                requests.name(key),
                bytes,
                crc32c.isPresent() ? "%08x".formatted(crc32c.getAsLong()) : "unknown",
                sum.bytes(),
                sum.crc32c()),
        null);
  }

  @Override
  public void putBytes(ObjectKey key, byte[] content) throws IOException {
    if (content.length > MAX_BYTES) {
      throw new IllegalArgumentException(key + " would have " + content.length + " bytes");
    }
    boolean _ = send(key, content, Sums.of(content), false);
  }

  @Override
  public byte[] getBytes(ObjectKey key) throws IOException {
    return downloads.bytes(key);
  }

  @Override
  public void get(ObjectKey key, Path file, FileSum sum) throws IOException {
    FileSum[] found = new FileSum[1];
    try {
      DurableFiles.write(
          file,
          temporary -> {
            FileSum came = downloads.into(key, temporary, sum.bytes());
            if (!came.equals(sum)) {
              found[0] = came;
              throw new ArchiveUnavailableException(
                  "%s came with %d bytes and the checksum %08x instead of %d and %08x"
                      .formatted(
                          requests.name(key),
                          came.bytes(),
                          came.crc32c(),
                          sum.bytes(),
                          sum.crc32c()),
                  null);
            }
          });
    } catch (IOException e) {
      IOException cause = ArchiveException.unwrapped(e);
      if (found[0] != null) {
        // Was it the way, or is there something else?
        StoredObject there =
            stat(key)
                .orElseThrow(
                    () -> new ObjectMissingException("there is no " + requests.name(key), cause));
        requireSame(key, there, sum);
      }
      throw cause;
    }
  }

  @Override
  public Optional<StoredObject> stat(ObjectKey key) throws IOException {
    String doing = "looking at " + requests.name(key);
    @Nullable HeadObjectResponse found = head(key, doing);
    if (found == null) {
      return Optional.empty();
    }
    Requests.require(
        found.eTag() != null && found.contentLength() != null && found.lastModified() != null,
        doing);
    return Optional.of(
        new StoredObject(
            key,
            found.contentLength(),
            found.lastModified().toEpochMilli(),
            Sums.known(found.metadata(), found.checksumCRC32C())));
  }

  private @Nullable HeadObjectResponse head(ObjectKey key, String doing) throws IOException {
    try {
      return requests
          .client()
          .headObject(
              b -> {
                b.bucket(requests.bucket().name()).key(requests.key(key));
                if (requests.dialect().hasChecksums()) {
                  b.checksumMode(ChecksumMode.ENABLED);
                }
              });
    } catch (SdkException e) {
      if (e instanceof AwsServiceException answer && answer.statusCode() == 404) {
        requireBucket();
        return null;
      }
      throw S3Errors.of(doing, e);
    }
  }

  /// That there is no such object is said with the same words as that there is no such bucket.
  private void requireBucket() throws IOException {
    if (!bucketSeen) {
      requests.call(
          "looking at " + requests.bucket(),
          () ->
              requests.client().listObjectsV2(b -> b.bucket(requests.bucket().name()).maxKeys(1)));
      bucketSeen = true;
    }
  }

  @Override
  public void list(String prefix, String after, Visitor visitor) throws IOException {
    new Listing(requests, pageKeys).visit(prefix, after, visitor);
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    String doing = "deleting " + requests.name(key);
    DeleteObjectResponse answer =
        requests.call(
            doing,
            () ->
                requests
                    .client()
                    .deleteObject(b -> b.bucket(requests.bucket().name()).key(requests.key(key))));
    Requests.require(answer.sdkHttpResponse().statusCode() == Requests.NO_CONTENT, doing);
  }

  @Override
  public int tidy(long beforeMs) throws IOException {
    return new Uploads(requests).abortBegunBefore(beforeMs);
  }

  @Override
  public void close() {
    requests.client().close();
  }
}
