package io.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectKeyTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"a", "stream=user_tags/date=2026-11-21/hour=05/3-00001000.parquet", "_x/A.b-c=d"})
  void namesOfFilesCanBeKeys(String key) {
    assertThat(new ObjectKey(key).text()).isEqualTo(key);
    assertThat(new ObjectKey(key)).hasToString(key);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.b", "-a", "a b", "a\\b", "ż",
        "a\0", "a\n", "a:b", "a%2f", "a*"
      })
  void whatMayLeadOutOfAFolderCannot(String key) {
    assertThat(ObjectKey.isKey(key)).isFalse();
    assertThatThrownBy(() -> new ObjectKey(key)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {ObjectKey.MAX_PART, ObjectKey.MAX_PART + 1})
  void partsHaveALimit(int length) {
    String part = "a".repeat(length);
    assertThat(ObjectKey.isKey("x/" + part)).isEqualTo(length <= ObjectKey.MAX_PART);
    assertThat(ObjectKey.isKey((part + "/").repeat(10) + "a")).isFalse();
  }
}
