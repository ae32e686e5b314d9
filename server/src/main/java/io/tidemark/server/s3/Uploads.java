package io.tidemark.server.s3;

import io.tidemark.archive.ArchiveException;
import io.tidemark.archive.ObjectMissingException;
import java.io.IOException;
import java.util.Comparator;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/// The uploads in parts that have not been completed.
record Uploads(Requests requests) {
  /// Takes the uploads there are.
  private interface Visitor {
    void visit(MultipartUpload upload) throws IOException;
  }

  /// The newest upload of a key.
  ///
  /// @param key as the bucket has it
  Optional<String> newest(String key) throws IOException {
    MultipartUpload[] newest = new MultipartUpload[1];
    Comparator<MultipartUpload> byTime = Comparator.comparing(MultipartUpload::initiated);
    visit(
        key,
        upload -> {
          if (upload.key().equals(key)
              && (newest[0] == null || byTime.compare(upload, newest[0]) > 0)) {
            newest[0] = upload;
          }
        });
    return Optional.ofNullable(newest[0]).map(MultipartUpload::uploadId);
  }

  /// Gives up all uploads of ours that are older; their parts cost as much as objects.
  ///
  /// @return how many
  int abortBegunBefore(long beforeMs) throws IOException {
    int[] aborted = new int[1];
    visit(
        requests.begin(),
        upload -> {
          if (upload.initiated().toEpochMilli() < beforeMs) {
            abort(upload.key(), upload.uploadId());
            aborted[0]++;
          }
        });
    return aborted[0];
  }

  /// Gives up an upload; one that is not there any more is fine.
  ///
  /// @param key as the bucket has it
  void abort(String key, String id) throws IOException {
    String doing = "giving up an upload of s3://%s/%s".formatted(requests.bucket().name(), key);
    try {
      var answer =
          requests.call(
              doing,
              () ->
                  requests
                      .client()
                      .abortMultipartUpload(
                          b -> b.bucket(requests.bucket().name()).key(key).uploadId(id)));
      Requests.require(answer.sdkHttpResponse().statusCode() == Requests.NO_CONTENT, doing);
    } catch (ObjectMissingException _) {
      // Somebody else has.
    } catch (ArchiveException e) {
      if (!String.valueOf(e.getMessage()).contains("NoSuchUpload")) {
        throw e;
      }
    }
  }

  private void visit(String begin, Visitor visitor) throws IOException {
    String doing = "listing the uploads of " + requests.bucket();
    String keyMarker = null;
    String idMarker = null;
    boolean more;
    do {
      String fromKey = keyMarker;
      String fromId = idMarker;
      ListMultipartUploadsResponse page =
          requests.call(
              doing,
              () ->
                  requests
                      .client()
                      .listMultipartUploads(
                          b ->
                              b.bucket(requests.bucket().name())
                                  .prefix(begin)
                                  .keyMarker(fromKey)
                                  .uploadIdMarker(fromId)));
      Requests.require(
          requests.bucket().name().equals(page.bucket()) && page.isTruncated() != null, doing);
      for (MultipartUpload upload : page.uploads()) {
        visitor.visit(upload);
      }
      keyMarker = page.nextKeyMarker();
      idMarker = page.nextUploadIdMarker();
      more = page.isTruncated() && keyMarker != null;
    } while (more);
  }
}
