package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Which name somebody will have meant.
class NearestTest {
  @Test
  void distanceCountsInsertionsDeletionsSubstitutionsAndSwaps() {
    assertThat(Nearest.distance("every", "every")).isEqualTo(0);
    assertThat(Nearest.distance("Every", "eveRY")).isEqualTo(0);
    assertThat(Nearest.distance("evry", "every")).isEqualTo(1);
    assertThat(Nearest.distance("everyy", "every")).isEqualTo(1);
    assertThat(Nearest.distance("avery", "every")).isEqualTo(1);
    assertThat(Nearest.distance("evrey", "every")).isEqualTo(1);
    assertThat(Nearest.distance("", "every")).isEqualTo(5);
    assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
  }

  @Test
  void aboutAThirdMayDiffer() {
    assertThat(Nearest.to("evry", List.of("rollup", "every"))).contains("every");
    assertThat(Nearest.to("id", List.of("by"))).isEmpty();
    assertThat(Nearest.to("x", List.of("y"))).isEmpty();
    assertThat(Nearest.to("", List.of("y"))).isEmpty();
    assertThat(Nearest.to("anything", List.of())).isEmpty();
    assertThat(Nearest.to("e".repeat(100_000), List.of("every"))).isEmpty();
  }

  @Test
  void aPathIsNearAsAWholeOrInItsLastPart() {
    List<String> paths = List.of("price", "product_info.price", "product_info.brand_id", "at.x");
    assertThat(Nearest.toPath("product.price", paths)).contains("product_info.price");
    assertThat(Nearest.toPath("prise", paths)).contains("price");
    assertThat(Nearest.toPath("brand_id", paths)).contains("product_info.brand_id");
    assertThat(Nearest.toPath("brand", paths)).contains("product_info.brand_id");
    assertThat(Nearest.toPath("elsewhere.brnd_id", paths)).contains("product_info.brand_id");
    assertThat(Nearest.toPath("country", paths)).isEmpty();
  }

  @Test
  void aFieldInTheRightPlaceIsNearerThanOneElsewhere() {
    List<String> paths = List.of("end.longitude", "start.longitude");
    assertThat(Nearest.toPath("start.longitud", paths)).contains("start.longitude");
    assertThat(Nearest.toPath("end.longitud", paths)).contains("end.longitude");
  }
}
