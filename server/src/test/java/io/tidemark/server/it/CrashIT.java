package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A node that is killed again and again under load. Whatever was acknowledged is there, nothing is
/// there twice, and what has once been seen stays. Replay the moments of the kills with `-Dseed=`.
class CrashIT {
  private static final int KILLS = 10;
  private static final int WRITERS = 6;
  private static final int MAX_BATCH = 40;
  private static final long START_MS = Instant.parse("2022-03-22T12:00:00Z").toEpochMilli();

  /// Between consecutive tags in event time.
  private static final long STEP_MS = 7;

  /// Fewer than a timeline keeps of one action, so that a profile tells of all of a cookie's tags.
  private static final int TAGS_OF_A_COOKIE = 150;

  private final long seed = Long.getLong("seed", 1);
  private final SplittableRandom random = new SplittableRandom(seed);
  private final AtomicInteger nextNumber = new AtomicInteger();

  /// The numbers of tags that must be there.
  private final Set<Integer> acknowledged = new ConcurrentSkipListSet<>();

  /// Those whose request broke: they may be there or not.
  private final Set<Integer> unknown = new ConcurrentSkipListSet<>();

  /// Those that were found not to be there after all: they must never turn up.
  private final Set<Integer> gone = new HashSet<>();

  private final MarkUnion marks = new MarkUnion();

  @Test
  void acknowledgedIsPresentAndNothingIsTwice(@TempDir Path data) throws Exception {
    System.out.println("seed " + seed);
    int kills = 0;
    try (NodeUnderTest node = NodeUnderTest.allezon(data)) {
      while (true) {
        verify(node);
        if (kills >= KILLS) {
          break;
        }
        loadAndKill(node, random.nextInt(3) == 0);
        kills++;
        node.relaunch();
        if (random.nextInt(4) == 0) {
          // In the middle of recovery.
          pause(random.nextInt(4_000));
          node.kill();
          kills++;
          node.relaunch();
        }
        node.awaitReady();
      }
      node.restart();
      verify(node);
    }
    System.out.printf(
        "%d kills, %d tags acknowledged, %d lost with their requests%n",
        kills, acknowledged.size(), gone.size());
    assertThat(acknowledged).hasSizeGreaterThan(1_000);
  }

  /// @param whileStopping whether it is killed while it stops, in the middle of its checkpoints
  private void loadAndKill(NodeUnderTest node, boolean whileStopping) throws InterruptedException {
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> writers = new ArrayList<>();
    List<AssertionError> wrong = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      SplittableRandom own = random.split();
      Http http = node.http();
      writers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!over.get()) {
                      try {
                        write(http, own);
                      } catch (IOException _) {
                        // The node is gone; wait for the others to notice.
                        LockSupport.parkNanos(5_000_000);
                      } catch (AssertionError e) {
                        synchronized (wrong) {
                          wrong.add(e);
                        }
                        return;
                      }
                    }
                  }));
    }
    pause(100 + random.nextInt(1_400));
    if (whileStopping) {
      node.command().process().destroy();
      pause(random.nextInt(1_000));
    }
    node.kill();
    over.set(true);
    for (Thread writer : writers) {
      writer.join();
    }
    assertThat(wrong).isEmpty();
  }

  private void write(Http http, SplittableRandom own) throws IOException {
    int size = own.nextInt(3) == 0 ? 1 + own.nextInt(MAX_BATCH) : 1;
    int first = nextNumber.getAndAdd(size);
    List<Integer> numbers = IntStream.range(first, first + size).boxed().toList();
    unknown.addAll(numbers);
    Http.Answer answer;
    if (size == 1) {
      answer = http.postOrBreak("/user_tags", tag(first).json(), "application/json");
    } else {
      String lines = numbers.stream().map(n -> tag(n).json()).collect(Collectors.joining("\n"));
      answer = http.postOrBreak("/v1/streams/user_tags", lines, Http.NDJSON);
    }
    if (answer.status() == 503 || answer.status() == 207) {
      // A node that stops may not know of some whether the log has them.
      return;
    }
    answer.expect(size == 1 ? 204 : 200);
    marks.add(answer.mark());
    acknowledged.addAll(numbers);
    unknown.removeAll(numbers);
  }

  private static UserTag tag(int number) {
    return UserTag.simple(
        START_MS + number * STEP_MS, cookie(number), number % 3 == 0 ? "BUY" : "VIEW", number);
  }

  private static String cookie(int number) {
    return "cookie-" + number / TAGS_OF_A_COOKIE;
  }

  private void verify(NodeUnderTest node) {
    Http http = node.http();
    int count = nextNumber.get();
    Set<Integer> present = new TreeSet<>();
    for (int n = 0; n < count; n += TAGS_OF_A_COOKIE) {
      readProfile(http, cookie(n), present);
    }
    Set<Integer> lost = new TreeSet<>(acknowledged);
    lost.removeAll(present);
    assertThat(lost).as("acknowledged and lost, seed %d", seed).isEmpty();
    Set<Integer> risen = new TreeSet<>(gone);
    risen.retainAll(present);
    assertThat(risen).as("not there before, now there, seed %d", seed).isEmpty();
    Set<Integer> notSent = new TreeSet<>(present);
    notSent.removeAll(acknowledged);
    notSent.removeAll(unknown);
    assertThat(notSent).as("never sent, seed %d", seed).isEmpty();
    checkAggregates(http, present, count);
    // From now on it is settled which tags are there.
    gone.addAll(unknown);
    gone.removeAll(present);
    acknowledged.addAll(present);
    unknown.clear();
  }

  private void readProfile(Http http, String cookie, Set<Integer> present) {
    String path =
        "/user_profiles/%s?time_range=%s_%s"
            .formatted(cookie, UserTag.millis(START_MS), UserTag.millis(START_MS + 86_400_000));
    JsonNode profile = http.post(path, "", "Tidemark-After", marks.toString()).expect(200).json();
    for (String list : List.of("views", "buys")) {
      for (JsonNode tag : profile.get(list)) {
        int number = tag.get("product_info").get("price").asInt();
        assertThat(tag).isEqualTo(Http.JSON.readTree(tag(number).json()));
        assertThat(present.add(number)).as("%s once in %s, seed %d", tag, path, seed).isTrue();
      }
    }
  }

  private void checkAggregates(Http http, Set<Integer> present, int count) {
    long endMs = START_MS + count * STEP_MS;
    TagOracle oracle = new TagOracle();
    oracle.add(present.stream().map(CrashIT::tag).toList());
    for (long from = START_MS; from < endMs; from += 600_000) {
      long to = from + 600_000;
      for (String action : List.of("VIEW", "BUY")) {
        String path =
            "/aggregates?time_range=%s_%s&action=%s&aggregates=COUNT&aggregates=SUM_PRICE"
                .formatted(UserTag.seconds(from), UserTag.seconds(to), action);
        assertThat(http.post(path, "", "Tidemark-After", marks.toString()).expect(200).text())
            .as("%s, seed %d", path, seed)
            .isEqualTo(
                oracle.aggregates(
                    from, to, action, List.of("COUNT", "SUM_PRICE"), java.util.Map.of()));
      }
    }
  }

  /// Lets the load go on for a while: nothing is waited for.
  private static void pause(int ms) {
    Poll.holds(Duration.ofMillis(ms), () -> false);
  }
}
