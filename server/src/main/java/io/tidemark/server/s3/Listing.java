package io.tidemark.server.s3;

import io.tidemark.archive.ArchiveRefusedException;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectStore.Visitor;
import io.tidemark.archive.StoredObject;
import java.io.IOException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/// Visits the objects of a bucket, a page at a time.
record Listing(Requests requests, int pageKeys) {
  void visit(String prefix, String after, Visitor visitor) throws IOException {
    if (!ObjectKey.isPrefix(prefix)) {
      throw new IllegalArgumentException("no key begins with '" + prefix + "'");
    }
    String last = after;
    String token = null;
    do {
      ListObjectsV2Response page = page(prefix, after, token);
      for (S3Object found : page.contents()) {
        String key = found.key().substring(requests.begin().length());
        if (!ObjectKey.isKey(key)) {
          continue;
        }
        if (key.compareTo(last) <= 0) {
          throw new ArchiveRefusedException(
              ("%s lists %s after %s, and not in the order of keys as S3 does; is it a directory"
                      + " bucket? Choose one for general purposes")
                  .formatted(requests.bucket(), key, last),
              null);
        }
        last = key;
        if (!visitor.visit(
            new StoredObject(
                new ObjectKey(key),
                found.size(),
                found.lastModified().toEpochMilli(),
                OptionalLong.empty()))) {
          return;
        }
      }
      token = page.isTruncated() ? page.nextContinuationToken() : null;
    } while (token != null);
  }

  private ListObjectsV2Response page(String prefix, String after, @Nullable String token)
      throws IOException {
    String begin = requests.begin() + prefix;
    String doing = "listing %s/%s".formatted(requests.bucket(), prefix);
    ListObjectsV2Response page =
        requests.call(
            doing,
            () ->
                requests
                    .client()
                    .listObjectsV2(
                        b -> {
                          b.bucket(requests.bucket().name()).prefix(begin).maxKeys(pageKeys);
                          if (token != null) {
                            b.continuationToken(token);
                          } else if (!after.isEmpty()) {
                            b.startAfter(requests.begin() + after);
                          }
                        }));
    // Any text that can be read as XML reads as an empty page.
    Requests.require(
        requests.bucket().name().equals(page.name())
            && page.isTruncated() != null
            && !(page.isTruncated() && page.nextContinuationToken() == null)
            && page.contents().stream().allMatch(o -> isWhole(o, begin)),
        doing);
    return page;
  }

  private static boolean isWhole(S3Object object, String begin) {
    return object.key() != null
        && object.key().startsWith(begin)
        && object.size() != null
        && object.lastModified() != null;
  }
}
