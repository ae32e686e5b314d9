package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.tidemark.app.App;
import io.tidemark.app.DeclarationException;
import io.tidemark.app.Measure;
import io.tidemark.app.Measure.Kind;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.event.EventType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The shipped app `allezon` declares what its contract needs.
class AllezonAppTest {
  private static final Path APP = Path.of("../apps/allezon");
  private static final String TAG =
      """
      {"time": "2022-03-22T12:15:00.000Z", "cookie": "ann", "country": "PL", "device": "PC",
       "action": "VIEW", "origin": "spring", "product_info": {"product_id": 17,
       "brand_id": "nova", "category_id": "shoes", "price": 4900}}
      """;

  @Test
  void keepsADayOfTagsInTheOrderOfEachCookie() throws DeclarationException {
    assertThat(app().streams())
        .containsExactly(
            new StreamSpec(
                "user_tags",
                new EventType("user_tags", FakeSchemas.USER_TAG),
                "{}",
                0,
                List.of(1),
                Optional.empty(),
                Optional.of(Duration.ofHours(24)),
                8,
                StreamSpec.DEFAULT_LOG_KEEP_BYTES,
                Duration.ofDays(365)));
    assertThat(app().contracts()).containsExactly("allezon");
  }

  @Test
  void keepsTwoHundredTagsOfEachActionForEver() throws DeclarationException {
    assertThat(app().views())
        .contains(new TimelineSpec("profile", "user_tags", 1, 4, 200, Optional.empty()));
  }

  @Test
  void countsPerMinuteInEveryGroupingThatAQueryCanName() throws DeclarationException {
    // Bit 0 is the action, which every query names.
    assertThat(app().views())
        .contains(
            new RollupSpec(
                "actions",
                "user_tags",
                Duration.ofMinutes(1),
                List.of(4, 5, 7, 8),
                List.of(0b0001, 0b0011, 0b0101, 0b1001, 0b0111, 0b1011, 0b1101),
                List.of(
                    new Measure("count", Kind.COUNT, Measure.ALL, 0),
                    new Measure("sum_price", Kind.SUM, 9, 0)),
                Optional.of(Duration.ofHours(24))));
  }

  @Test
  void aTagOfTheContractIsValid() throws IOException {
    assertValid(TAG);
    assertValid(TAG.replace("17", "\"17\""));
    assertValid(TAG.replace("4900", "2147483647"));
    assertValid(TAG.replace("4900", "-2147483648"));
    assertValid(TAG.replace("4900", "4900, \"currency\": \"PLN\""));
    assertValid(TAG.replace("\"PL\"", "\"PL\", \"campaign\": {\"a\": [1]}"));
    assertValid(TAG.replace("2022-03-22T12:15:00.000Z", "2024-02-29T23:59:59.999Z"));
  }

  @Test
  void aTimeIsUtcWithMilliseconds() throws IOException {
    for (String time :
        new String[] {
          "2022-03-22T12:15:00Z",
          "2022-03-22T12:15:00.0Z",
          "2022-03-22T12:15:00.000000Z",
          "2022-03-22T12:15:00.000",
          "2022-03-22T12:15:00.000+00:00",
          "2022-03-22t12:15:00.000z",
          "2022-03-22 12:15:00.000Z",
          "2022-02-29T12:15:00.000Z",
          "2022-13-01T12:15:00.000Z",
          "2022-03-22T24:00:00.000Z",
          "2022-03-22T23:59:60.000Z",
          "2022-03-22T12:15:00.000Z\\n",
          " 2022-03-22T12:15:00.000Z",
          ""
        }) {
      assertInvalid(TAG.replace("2022-03-22T12:15:00.000Z", time));
    }
  }

  @Test
  void whatIsNotATagIsInvalid() throws IOException {
    for (String name :
        List.of("time", "cookie", "country", "device", "action", "origin", "product_info")) {
      assertInvalid(TAG.replace("\"" + name + "\"", "\"no_" + name + "\""));
    }
    for (String name : List.of("product_id", "brand_id", "category_id", "price")) {
      assertInvalid(TAG.replace("\"" + name + "\"", "\"no_" + name + "\""));
    }
    assertInvalid(TAG.replace("\"ann\"", "\"\""));
    assertInvalid(TAG.replace("\"ann\"", "\"" + "x".repeat(4097) + "\""));
    assertInvalid(TAG.replace("\"PC\"", "\"pc\""));
    assertInvalid(TAG.replace("VIEW", "CLICK"));
    assertInvalid(TAG.replace("17", "1.5"));
    assertInvalid(TAG.replace("17", "null"));
    assertInvalid(TAG.replace("\"nova\"", "7"));
    assertInvalid(TAG.replace("4900", "2147483648"));
    assertInvalid(TAG.replace("4900", "49.5"));
    assertInvalid(TAG.replace("4900", "\"4900\""));
    assertInvalid("[" + TAG + "]");
  }

  private static App app() throws DeclarationException {
    return Folder.reader().read(APP);
  }

  private static void assertValid(String tag) throws IOException {
    assertThat(errors(tag)).as(tag).isEmpty();
  }

  private static void assertInvalid(String tag) throws IOException {
    assertThat(errors(tag)).as(tag).isNotEmpty();
  }

  private static List<?> errors(String tag) throws IOException {
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(APP.resolve("schemas/user_tag.json")), InputFormat.JSON);
    return schema.validate(
        tag,
        InputFormat.JSON,
        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
  }
}
