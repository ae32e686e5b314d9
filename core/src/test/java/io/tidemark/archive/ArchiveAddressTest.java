package io.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.archive.ArchiveAddress.Bucket;
import io.tidemark.archive.ArchiveAddress.Folder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveAddressTest {
  @ParameterizedTest
  @CsvSource({
    "s3://bucket, bucket, ''",
    "s3://bucket/, bucket, ''",
    "S3://my.bucket-1/a, my.bucket-1, a",
    "s3://bucket/a/b=c/, bucket, a/b=c",
  })
  void bucketsHaveAPrefix(String text, String name, String prefix) {
    assertThat(ArchiveAddress.parse(text)).isEqualTo(new Bucket(name, prefix));
    assertThat(ArchiveAddress.parse(ArchiveAddress.parse(text).toString()))
        .isEqualTo(new Bucket(name, prefix));
  }

  @Test
  void everythingElseIsAFolder() {
    Path here = Path.of("").toAbsolutePath();
    assertThat(ArchiveAddress.parse("data/archive"))
        .isEqualTo(new Folder(here.resolve("data/archive")));
    assertThat(ArchiveAddress.parse(here + "/x/../y")).isEqualTo(new Folder(here.resolve("y")));
    assertThat(ArchiveAddress.parse("file://" + here + "/x"))
        .isEqualTo(new Folder(here.resolve("x")));
    assertThat(ArchiveAddress.parse("s3:/x")).isEqualTo(new Folder(here.resolve("s3:/x")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "http://host/bucket",
        "gs://bucket",
        "s3://",
        "s3:///a",
        "s3://UPPER/a",
        "s3://under_score",
        "s3://-a-/b",
        "s3://bucket/../up",
        "s3://bucket//a",
        "s3://bucket/a b",
        "file://host/x",
        "file://%"
      })
  void whatCannotBeOneSaysWhy(String text) {
    assertThatThrownBy(() -> ArchiveAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .isNotBlank();
  }
}
