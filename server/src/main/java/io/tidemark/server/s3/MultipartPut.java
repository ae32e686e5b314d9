package io.tidemark.server.s3;

import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.LocalFileException;
import io.tidemark.archive.ObjectKey;
import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.ListPartsResponse;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/// One put of a file in parts. Goes on with the newest upload of the key where all of its parts are
/// parts of this file; another one is given up. An upload that fails is left as it is, for the next
/// put to go on with.
final class MultipartPut {
  private final Requests requests;
  private final Uploads uploads;
  private final ObjectKey key;
  private final String name;
  private final Path file;
  private final FileChannel from;
  private final FileSum sum;
  private final int partBytes;

  MultipartPut(
      Requests requests, ObjectKey key, Path file, FileChannel from, FileSum sum, int partBytes) {
    this.requests = requests;
    this.uploads = new Uploads(requests);
    this.key = key;
    this.name = requests.name(key);
    this.file = file;
    this.from = from;
    this.sum = sum;
    this.partBytes = partBytes;
  }

  /// An upload.
  ///
  /// @param checksums whether its parts have CRC-32Cs
  /// @param parts those that are there, by their number, which begins with 1
  private record Upload(String id, boolean checksums, Map<Integer, Part> parts) {}

  /// @return whether it was put; false where something was there already
  boolean put() throws IOException {
    Optional<Upload> found = found();
    Upload upload = found.isPresent() ? found.get() : begin();
    List<Sums> sums = new ArrayList<>();
    List<CompletedPart> parts = new ArrayList<>();
    CRC32C crc = new CRC32C();
    for (int number = 1; number <= count(); number++) {
      byte[] content = content(number);
      crc.update(content);
      Sums part = Sums.of(content);
      Part there = upload.parts().get(number);
      String tag = there != null ? there.eTag() : send(upload, number, content, part);
      sums.add(part);
      parts.add(
          CompletedPart.builder()
              .partNumber(number)
              .eTag(tag)
              .checksumCRC32C(upload.checksums() ? part.crcText() : null)
              .build());
    }
    if (crc.getValue() != sum.crc32c()) {
      uploads.abort(requests.key(key), upload.id());
      throw new LocalFileException(
          file, "has the checksum %08x instead of %08x".formatted(crc.getValue(), sum.crc32c()));
    }
    return complete(upload, parts, Sums.composite(sums));
  }

  private int count() {
    return Math.toIntExact((sum.bytes() + partBytes - 1) / partBytes);
  }

  private byte[] content(int number) throws IOException {
    long at = (long) (number - 1) * partBytes;
    return S3ObjectStore.readFully(from, at, new byte[(int) Math.min(partBytes, sum.bytes() - at)]);
  }

  private Optional<Upload> found() throws IOException {
    Optional<String> id = uploads.newest(requests.key(key));
    if (id.isEmpty()) {
      return Optional.empty();
    }
    Upload upload = list(id.get());
    if (upload.parts().isEmpty()) {
      // Whose it is cannot be told.
      uploads.abort(requests.key(key), upload.id());
      return Optional.empty();
    }
    for (Map.Entry<Integer, Part> part : upload.parts().entrySet()) {
      int number = part.getKey();
      if (number > count()
          || !fits(part.getValue(), Sums.of(content(number)), upload.checksums())) {
        uploads.abort(requests.key(key), upload.id());
        return Optional.empty();
      }
    }
    return Optional.of(upload);
  }

  private static boolean fits(Part there, Sums ours, boolean checksums) {
    return there.size() != null
        && there.size() == ours.bytes()
        && ((checksums && there.checksumCRC32C() != null)
            ? there.checksumCRC32C().equals(ours.crcText())
            : ours.isTag(there.eTag()));
  }

  private Upload list(String id) throws IOException {
    String doing = "listing the parts of " + name;
    Map<Integer, Part> parts = new HashMap<>();
    boolean checksums = false;
    @Nullable Integer marker = null;
    do {
      @Nullable Integer after = marker;
      ListPartsResponse page =
          requests.call(
              doing,
              () ->
                  requests
                      .client()
                      .listParts(
                          b ->
                              b.bucket(requests.bucket().name())
                                  .key(requests.key(key))
                                  .uploadId(id)
                                  .partNumberMarker(after)));
      Requests.require(id.equals(page.uploadId()) && page.isTruncated() != null, doing);
      page.parts().forEach(p -> parts.put(p.partNumber(), p));
      checksums = page.checksumAlgorithm() == ChecksumAlgorithm.CRC32_C;
      marker = page.isTruncated() ? page.nextPartNumberMarker() : null;
    } while (marker != null);
    return new Upload(id, checksums, parts);
  }

  private Upload begin() throws IOException {
    String doing = "beginning to put " + name;
    CreateMultipartUploadResponse answer =
        requests.put(
            doing,
            () ->
                requests
                    .client()
                    .createMultipartUpload(
                        b -> {
                          b.bucket(requests.bucket().name())
                              .key(requests.key(key))
                              .metadata(Sums.entry(sum.crc32c()));
                          if (requests.dialect().hasChecksums()) {
                            b.checksumAlgorithm(ChecksumAlgorithm.CRC32_C);
                          }
                        }));
    Requests.require(answer.uploadId() != null, doing);
    return new Upload(answer.uploadId(), requests.dialect().hasChecksums(), Map.of());
  }

  private String send(Upload upload, int number, byte[] content, Sums part) throws IOException {
    String doing = "putting part %d of %d of %s".formatted(number, count(), name);
    UploadPartResponse answer =
        requests.call(
            doing,
            () ->
                requests
                    .client()
                    .uploadPart(
                        b ->
                            b.bucket(requests.bucket().name())
                                .key(requests.key(key))
                                .uploadId(upload.id())
                                .partNumber(number)
                                .contentMD5(part.md5Text())
                                .checksumCRC32C(upload.checksums() ? part.crcText() : null),
                        RequestBody.fromBytes(content)));
    Requests.require(answer.eTag() != null, doing);
    if (answer.checksumCRC32C() != null && !answer.checksumCRC32C().equals(part.crcText())) {
      throw new ArchiveUnavailableException(doing + " failed: it came with another checksum", null);
    }
    return answer.eTag();
  }

  private boolean complete(Upload upload, List<CompletedPart> parts, String composite)
      throws IOException {
    String doing = "completing " + name;
    CompleteMultipartUploadResponse answer;
    try {
      answer =
          requests.put(
              doing,
              () ->
                  requests
                      .client()
                      .completeMultipartUpload(
                          b -> {
                            b.bucket(requests.bucket().name())
                                .key(requests.key(key))
                                .uploadId(upload.id())
                                .multipartUpload(m -> m.parts(parts));
                            if (requests.dialect().hasConditions()) {
                              b.ifNoneMatch("*");
                            }
                          }));
    } catch (AwsServiceException _) {
      uploads.abort(requests.key(key), upload.id());
      return false;
    }
    Requests.require(answer.eTag() != null, doing);
    String checksum = answer.checksumCRC32C();
    if (checksum != null && checksum.contains("-") && !checksum.equals(composite)) {
      throw new ArchiveUnavailableException(
          "%s has the checksum %s instead of %s".formatted(name, checksum, composite), null);
    }
    return true;
  }
}
