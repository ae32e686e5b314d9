package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The contract `allezon` by examples: answers to the byte, what is refused and how, and the
/// checking mode.
class AllezonContractIT {
  private static final long START_MS = Instant.parse("2022-03-22T12:15:00Z").toEpochMilli();
  private static final String MISMATCHES = "tidemark_contract_mismatches_total";
  private static final String PROFILE =
      "/user_profiles/%s?time_range=2022-03-22T12:15:00.000_2022-03-22T12:30:00.000";
  private static final String AGGREGATES =
      "/aggregates?time_range=2022-03-22T12:15:00_2022-03-22T12:17:00";

  @TempDir private static Path data;
  private static NodeUnderTest node;
  private static Http http;

  @BeforeAll
  static void start() {
    node = NodeUnderTest.allezon(data, "--check-answers");
    http = node.http();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void answersAreWhatTheContractShowsToTheByte() {
    UserTag view = UserTag.simple(START_MS + 1, "byte", "VIEW", 4900);
    UserTag later = UserTag.simple(START_MS + 90_000, "byte", "VIEW", -1);
    UserTag buy = UserTag.simple(START_MS + 2, "byte", "BUY", Integer.MAX_VALUE);
    post(view);
    post(buy);
    String mark = post(later).mark();
    Http.Answer profile =
        http.post(PROFILE.formatted("byte"), "", "Tidemark-After", mark).expect(200);
    assertThat(profile.text())
        .isEqualTo(
            "{\"cookie\":\"byte\",\"views\":[%s,%s],\"buys\":[%s]}"
                .formatted(later.json(), view.json(), buy.json()));
    assertThat(profile.header("Content-Type")).isEqualTo("application/json");
    Poll.until(
        "aggregates as in the contract",
        Duration.ofSeconds(10),
        () ->
            http.post(
                    AGGREGATES
                        + "&category_id=shoes&action=VIEW&aggregates=SUM_PRICE&aggregates=COUNT"
                        + "&brand_id=nova&origin=spring",
                    "")
                .expect(200)
                .text()
                .equals(
                    "{\"columns\":[\"1m_bucket\",\"action\",\"origin\",\"brand_id\",\"category_id\","
                        + "\"sum_price\",\"count\"],\"rows\":["
                        + "[\"2022-03-22T12:15:00\",\"VIEW\",\"spring\",\"nova\",\"shoes\",\"4900\",\"1\"],"
                        + "[\"2022-03-22T12:16:00\",\"VIEW\",\"spring\",\"nova\",\"shoes\",\"-1\",\"1\"]]}"));
  }

  @Test
  void anUnknownCookieHasTwoEmptyLists() {
    assertThat(http.post(PROFILE.formatted("nobody%2Fat+all"), "").expect(200).text())
        .isEqualTo("{\"cookie\":\"nobody/at+all\",\"views\":[],\"buys\":[]}");
  }

  @Test
  void aTagIsVisibleSoonWithoutAskingForAMark() {
    post(UserTag.simple(START_MS + 5, "soon", "BUY", 1));
    Poll.until(
        "the tag is visible",
        Duration.ofSeconds(10),
        () -> http.post(PROFILE.formatted("soon"), "").expect(200).json().get("buys").size() == 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          time_range | ''
          time_range | time_range=
          time_range | time_range=2022-03-22T12:15:00.000
          time_range | time_range=2022-03-22T12:15:00.000_
          time_range | time_range=_2022-03-22T12:15:00.000
          time_range | time_range=2022-03-22T12:15:00.000Z_2022-03-22T12:30:00.000Z
          time_range | time_range=2022-03-22T12:15:00.000_2022-03-22T12:30:00.000_2022-03-22T12:31:00.000
          time_range | time_range=2022-03-22T12:30:00.000_2022-03-22T12:15:00.000
          time_range | time_range=2022-03-22T12:15:00.001_2022-03-22T12:15:00
          time_range | time_range=2022-03-22T25:61:00.000_2022-03-23T12:15:00.000
          time_range | time_range=2022-03-22T24:00:00_2022-03-23T12:15:00
          time_range | time_range=2022-02-30T12:15:00.000_2022-03-22T12:15:00.000
          time_range | time_range=2022-13-01T12:15:00.000_2023-03-22T12:15:00.000
          time_range | time_range=2022-03-22T12:15:60_2022-03-22T12:17:00
          time_range | time_range=2022-03-22+12:15:00_2022-03-22+12:17:00
          time_range | time_range=2022-03-22T12:15:00.00_2022-03-22T12:17:00.000
          time_range | time_range=2022-03-22T12:15_2022-03-22T12:17
          time_range | time_range=1647951300000_1647951400000
          time_range | time_range=%GG
          time_range | time_range=%FF%FE
          time_range | RANGE&RANGE
          limit | RANGE&limit=0
          limit | RANGE&limit=-1
          limit | RANGE&limit=abc
          limit | RANGE&limit=
          limit | RANGE&limit
          limit | RANGE&limit=1.5
          limit | RANGE&limit=1e3
          limit | RANGE&limit=0x10
          limit | RANGE&limit=-99999999999999999999
          limit | RANGE&limit=5&limit=5
          limit | RANGE&limit=%4
          from | RANGE&from=2022-03-22T12:15:00
          Limit | RANGE&Limit=10
          """)
  void aBadParameterOfAProfileIsNamed(String name, String query) throws IOException {
    refused(name, "/user_profiles/ann?" + query.replace("RANGE", RANGE));
  }

  private static final String RANGE = "time_range=2022-03-22T12:15:00_2022-03-22T12:17:00";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          time_range | action=VIEW&aggregates=COUNT
          time_range | time_range=&action=VIEW&aggregates=COUNT
          time_range | time_range=2022-03-22T12:15:00.000_2022-03-22T12:17:00.000&action=VIEW&aggregates=COUNT
          time_range | time_range=2022-03-22T12:15:01_2022-03-22T12:17:00&action=VIEW&aggregates=COUNT
          time_range | time_range=2022-03-22T12:15:00_2022-03-22T12:16:59&action=VIEW&aggregates=COUNT
          time_range | time_range=2022-03-22T12:17:00_2022-03-22T12:15:00&action=VIEW&aggregates=COUNT
          time_range | time_range=2022-03-22T12:15:00_2022-03-22T12:26:00&action=VIEW&aggregates=COUNT
          time_range | time_range=2022-03-22T25:61:00_2022-03-22T26:00:00&action=VIEW&aggregates=COUNT
          time_range | time_range=2022-03-22T12:15:00Z_2022-03-22T12:17:00Z&action=VIEW&aggregates=COUNT
          time_range | RANGE&RANGE&action=VIEW&aggregates=COUNT
          action | RANGE&aggregates=COUNT
          action | RANGE&action=&aggregates=COUNT
          action | RANGE&action=view&aggregates=COUNT
          action | RANGE&action=CLICK&aggregates=COUNT
          action | RANGE&action=VIEW&action=BUY&aggregates=COUNT
          action | RANGE&action=VIEW&action=VIEW&aggregates=COUNT
          action | RANGE&action=%ZZ&aggregates=COUNT
          aggregates | RANGE&action=VIEW
          aggregates | RANGE&action=VIEW&aggregates=
          aggregates | RANGE&action=VIEW&aggregates=count
          aggregates | RANGE&action=VIEW&aggregates=AVG
          aggregates | RANGE&action=VIEW&aggregates=COUNT,SUM_PRICE
          aggregates | RANGE&action=VIEW&aggregates=COUNT&aggregates=COUNT
          aggregates | RANGE&action=VIEW&aggregates=COUNT&aggregates=SUM_PRICE&aggregates=COUNT
          origin | RANGE&action=VIEW&aggregates=COUNT&origin=a&origin=b
          origin | RANGE&action=VIEW&aggregates=COUNT&origin=%
          brand_id | RANGE&action=VIEW&aggregates=COUNT&brand_id=a&brand_id=a
          category_id | RANGE&action=VIEW&aggregates=COUNT&category_id=a&category_id=
          country | RANGE&action=VIEW&aggregates=COUNT&country=PL
          """)
  void aBadParameterOfAggregatesIsNamed(String name, String query) throws IOException {
    refused(name, "/aggregates?" + query.replace("RANGE", RANGE));
  }

  /// Sent as it is, since no proper client sends such a path.
  private static void refused(String name, String path) throws IOException {
    String answer =
        http.raw(
            "POST %s HTTP/1.1\r\nHost: node\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                .formatted(path),
            false);
    assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json");
    String problem = answer.substring(answer.indexOf("\r\n\r\n") + 4);
    assertThat(Http.JSON.readTree(problem).path("parameter").asString()).as(problem).matches(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "%zz", "a%FFb", "%C3%28", "%ED%A0%80"})
  void aCookieThatIsNotPercentEncodedTextIsNamed(String cookie) throws IOException {
    refused("path|cookie", "/user_profiles/" + cookie + "?" + RANGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"200", "1000", "2147483647", "2147483648", "99999999999999999999"})
  void anyPositiveIntegerIsALimit(String limit) {
    http.post(PROFILE.formatted("ann") + "&limit=" + limit, "").expect(200);
  }

  @Test
  void anEmptyRangeHasAnEmptyAnswer() {
    assertThat(
            http.post(
                    "/aggregates?time_range=2022-03-22T12:15:00_2022-03-22T12:15:00"
                        + "&action=BUY&aggregates=COUNT",
                    "")
                .expect(200)
                .text())
        .isEqualTo("{\"columns\":[\"1m_bucket\",\"action\",\"count\"],\"rows\":[]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "time":"2022-03-22T12:15:00.000Z" | "time":"2022-03-22T12:15:00Z"
          "time":"2022-03-22T12:15:00.000Z" | "time":"2022-03-22T12:15:00.000"
          "time":"2022-03-22T12:15:00.000Z" | "time":"2022-03-22T12:15:00.000+01:00"
          "time":"2022-03-22T12:15:00.000Z" | "time":"2022-03-22T12:15:00.000000Z"
          "time":"2022-03-22T12:15:00.000Z" | "time":"2022-02-30T12:15:00.000Z"
          "time":"2022-03-22T12:15:00.000Z" | "time":"2022-03-22T25:61:00.000Z"
          "time":"2022-03-22T12:15:00.000Z" | "time":1647951300000
          "time":"2022-03-22T12:15:00.000Z" | "time":null
          "time":"2022-03-22T12:15:00.000Z" | "tyme":"2022-03-22T12:15:00.000Z"
          "cookie":"bad" | "cookie":7
          "cookie":"bad" | "cokie":"bad"
          "country":"PL" | "country":null
          "device":"PC" | "device":"pc"
          "device":"PC" | "device":"PHONE"
          "action":"VIEW" | "action":"CLICK"
          "action":"VIEW" | "action":["VIEW"]
          "origin":"spring" | "origin":1
          "product_id":17 | "product_id":1.5
          "product_id":17 | "product_id":true
          "product_id":17 | "product_id":null
          "product_id":17 | "product_id":[17]
          "brand_id":"nova" | "brand_id":5
          "category_id":"shoes" | "category_id":{}
          "price":4900 | "price":"4900"
          "price":4900 | "price":2147483648
          "price":4900 | "price":-2147483649
          "price":4900 | "price":1.5
          "price":4900 | "price":1e99
          "price":4900 | "price":NaN
          "price":4900 | "price":04900
          "price":4900 | "prize":4900
          "price":4900 | "price":4900,"price":4900
          """)
  void whatIsNoTagIsRefusedWithTheReason(String good, String bad) {
    String tag = UserTag.simple(START_MS, "bad", "VIEW", 4900).json();
    assertThat(tag).contains(good);
    Http.Answer answer = http.postJson("/user_tags", tag.replace(good, bad));
    assertThat(answer.status()).isBetween(400, 499);
    answer.expectProblem(answer.status(), "not-a-tag");
    assertThat(answer.json().path("reason").asString()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "null", "[]", "17", "\"tag\"", "{", "{}", "{}{}", "[TAG]", "TAG TAG", "TAG,",
        "TAG}", "TAG]"
      })
  void aBodyThatIsNotOneTagIsRefused(String body) {
    String tag = UserTag.simple(START_MS, "bad", "VIEW", 4900).json();
    Http.Answer answer = http.postJson("/user_tags", body.replace("TAG", tag));
    answer.expectProblem(400, "not-a-tag");
    assertThat(http.post(PROFILE.formatted("bad"), "").json().get("views")).isEmpty();
  }

  @Test
  void checkingModeCountsAndLogsWhatDiffers() {
    List<String> answers = new ArrayList<>();
    String path = PROFILE.formatted("checked");
    String mark = post(UserTag.simple(START_MS + 7, "checked", "BUY", 12)).mark();
    String profile = http.post(path, "", "Tidemark-After", mark).expect(200).text();
    answers.add(profile);
    // The same values, written in another way.
    answers.add(http.post(path, Http.JSON.readTree(profile).toPrettyString()).expect(200).text());
    answers.add(http.post(path, profile).expect(200).text());
    double before = http.metric(MISMATCHES);
    assertThat(before).isGreaterThanOrEqualTo(0);
    answers.add(http.post(path, profile).expect(200).text());
    assertThat(http.metric(MISMATCHES)).isEqualTo(before);
    answers.add(http.post(path, profile.replace(":12", ":13")).expect(200).text());
    assertThat(http.metric(MISMATCHES)).isEqualTo(before + 1);
    answers.add(http.post(path, "not JSON").expect(200).text());
    assertThat(http.metric(MISMATCHES)).isEqualTo(before + 2);
    // Answers are never changed by what was expected.
    assertThat(answers).containsOnly(profile);
    Poll.until(
        "the difference is logged with the request",
        Duration.ofSeconds(5),
        () -> node.log().contains("/user_profiles/checked?") && node.log().contains(":13"));

    String aggregates = AGGREGATES + "&action=BUY&aggregates=COUNT&origin=nothing";
    String rows = http.post(aggregates, "").expect(200).text();
    http.post(aggregates, rows).expect(200);
    assertThat(http.metric(MISMATCHES)).isEqualTo(before + 2);
    http.post(aggregates, rows.replaceFirst("\"0\"", "\"1\"")).expect(200);
    assertThat(http.metric(MISMATCHES)).isEqualTo(before + 3);
  }

  private static Http.Answer post(UserTag tag) {
    return http.postJson("/user_tags", tag.json()).expect(204);
  }
}
