package io.tidemark.server.allezon;

import io.tidemark.log.Mark;
import io.tidemark.server.client.NodeClient;
import io.tidemark.server.client.NodeClient.Answer;
import io.tidemark.server.generate.AppTools.LoadOptions;
import io.tidemark.server.generate.AppTools.LoadResult;
import io.tidemark.server.generate.Latencies;
import io.tidemark.server.generate.Pace;
import io.tidemark.server.http.Instants;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/// Sends user tags at a rate and asks for profiles and aggregates beside it.
///
/// To verify, it keeps its own account of the tags that were acknowledged and asks about the time
/// before the oldest tag under way, at the mark of all acknowledgements: so each answer has exactly
/// one right value, at once and without waiting. Nobody else may write to the same minutes; event
/// time starts half an hour before now.
final class TagLoad {
  private static final int REPORT_SECONDS = 5;
  private static final Duration MAX_WARM_UP = Duration.ofSeconds(10);
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

  private final NodeClient node;
  private final LoadOptions options;
  private final PrintWriter out;
  private final TagGenerator generator;
  private final long startMs;
  private final ExpectedAnswers expected = new ExpectedAnswers();
  private final TreeSet<Long> underWay = new TreeSet<>();
  private final List<String> cookies = new ArrayList<>();
  private final ArrayList<Tag> waiting = new ArrayList<>();
  private Mark acknowledged = Mark.NONE;
  private final Duration warmUp;
  private final Latencies tags;
  private final Latencies profiles;
  private final Latencies aggregates;
  private final LongAdder errors = new LongAdder();
  private final LongAdder mismatches = new LongAdder();
  private final AtomicBoolean stopped = new AtomicBoolean();

  TagLoad(NodeClient node, LoadOptions options, PrintWriter out) {
    this.node = node;
    this.options = options;
    this.out = out;
    long minute = Math.floorDiv(System.currentTimeMillis(), 60_000L) * 60_000;
    this.startMs = minute - 30 * 60_000;
    this.generator = new TagGenerator(options.seed(), startMs);
    Duration tenth = options.duration().dividedBy(10);
    this.warmUp = tenth.compareTo(MAX_WARM_UP) < 0 ? tenth : MAX_WARM_UP;
    long timed = System.nanoTime() + warmUp.toNanos();
    this.tags = new Latencies("POST /user_tags", timed);
    this.profiles = new Latencies("POST /user_profiles", timed);
    this.aggregates = new Latencies("POST /aggregates", timed);
  }

  LoadResult run() throws InterruptedException {
    long started = System.nanoTime();
    long end = started + options.duration().toNanos();
    Pace tagPace = new Pace(options.rate());
    Pace profilePace = new Pace(options.queryRate());
    Pace aggregatePace = new Pace(Math.max(1, options.queryRate() / 100.0));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < options.connections(); i++) {
        threads.execute(() -> repeat(tagPace, end, this::postTag));
      }
      SplittableRandom random = new SplittableRandom(options.seed() ^ 0x5eedL);
      for (int i = 0; i < Math.max(1, options.connections() / 4); i++) {
        SplittableRandom own = random.split();
        threads.execute(() -> repeat(profilePace, end, due -> askProfile(own, due)));
      }
      SplittableRandom own = random.split();
      threads.execute(() -> repeat(aggregatePace, end, due -> askAggregates(own, due)));
      report(started, end);
      threads.shutdown();
      if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
        fail("some requests were not answered within 30 s");
      }
    }
    summary((System.nanoTime() - started) / 1e9);
    return new LoadResult(mismatches.sum(), errors.sum());
  }

  /// One request that was due at a time.
  private interface Request {
    void send(long dueNanos) throws IOException;
  }

  private void repeat(Pace pace, long end, Request request) {
    while (!stopped.get() && System.nanoTime() < end) {
      long due = pace.await();
      if (due >= end) {
        return;
      }
      try {
        request.send(due);
      } catch (IOException e) {
        fail(String.valueOf(e.getMessage()));
      }
    }
  }

  private void fail(String what) {
    errors.increment();
    if (errors.sum() <= 10) {
      out.println("error: " + what);
      out.flush();
    }
  }

  private void postTag(long due) throws IOException {
    Tag tag;
    synchronized (this) {
      tag = generator.nextTag();
      underWay.add(tag.timeMs());
    }
    String body = tag.json();
    Answer answer = node.post("/user_tags", JSON, body);
    // Until the node has taken it, a tag is under way: what was refused for now is sent again.
    for (int again = 0; answer.isTransient() && again < 100; again++) {
      new Pace(1.0 / Math.max(1, answer.retryAfterSeconds())).await();
      answer = node.post("/user_tags", JSON, body);
    }
    tags.answered(due);
    if (answer.status() != 204) {
      fail("POST /user_tags: %d %s".formatted(answer.status(), answer.body()));
      return;
    }
    synchronized (this) {
      underWay.remove(tag.timeMs());
      if (options.verify()) {
        waiting.add(tag);
        acknowledged = acknowledged.and(Mark.parse(answer.mark()));
      }
    }
  }

  /// What can be asked about just now.
  ///
  /// @param beforeMs all tags before this time are acknowledged, and in the account
  private record Settled(long beforeMs, Mark mark) {}

  private synchronized Settled settle() {
    long before = underWay.isEmpty() ? Long.MAX_VALUE : underWay.first();
    waiting.sort((a, b) -> Long.compare(a.timeMs(), b.timeMs()));
    int settled = 0;
    while (settled < waiting.size() && waiting.get(settled).timeMs() < before) {
      Tag tag = waiting.get(settled++);
      expected.add(tag);
      if (cookies.size() < 100_000) {
        cookies.add(tag.cookie());
      }
    }
    long last = settled == 0 ? 0 : waiting.get(settled - 1).timeMs() + 1;
    waiting.subList(0, settled).clear();
    settledMs = Math.max(settledMs, last);
    return new Settled(settledMs, acknowledged);
  }

  private long settledMs;

  private void askProfile(SplittableRandom random, long due) throws IOException {
    String cookie;
    String body = "";
    Map<String, String> headers = JSON;
    // Unless answers are compared, what was there before counts, too.
    long from = options.verify() ? startMs : startMs - 86_400_000;
    long to = startMs + 86_400_000;
    int limit = options.verify() ? 1 + random.nextInt(200) : 200;
    synchronized (this) {
      if (options.verify()) {
        Settled settled = settle();
        if (cookies.isEmpty()) {
          return;
        }
        to = settled.beforeMs();
        headers = after(settled.mark());
      }
      cookie =
          cookies.isEmpty()
              ? "cookie-" + random.nextInt(1000)
              : cookies.get(random.nextInt(cookies.size()));
      if (options.verify()) {
        body = expected.profile(cookie, limit);
      }
    }
    String path =
        "/user_profiles/%s?time_range=%s_%s&limit=%d"
            .formatted(encode(cookie), time(from), time(to), limit);
    check(path, headers, body, profiles, due);
  }

  private void askAggregates(SplittableRandom random, long due) throws IOException {
    String action = random.nextInt(2) == 0 ? "VIEW" : "BUY";
    List<String> wanted =
        switch (random.nextInt(3)) {
          case 0 -> List.of("COUNT");
          case 1 -> List.of("SUM_PRICE", "COUNT");
          default -> List.of("SUM_PRICE");
        };
    Map<String, String> filters = filters(random);
    String body = "";
    Map<String, String> headers = JSON;
    long from;
    long to;
    synchronized (this) {
      long last = options.verify() ? settle().beforeMs() : startMs + 60_000;
      long first = options.verify() ? startMs : Long.MIN_VALUE;
      to = Math.floorDiv(last, 60_000L) * 60_000;
      from = Math.max(first, to - (1 + random.nextInt(10)) * 60_000L);
      if (to <= from) {
        // Not a whole minute yet: the minutes before, in which there is nothing.
        to = startMs;
        from = startMs - 60_000;
      }
      if (options.verify()) {
        headers = after(acknowledged);
        body = expected.aggregates(from, to, action, wanted, filters);
      }
    }
    StringBuilder path = new StringBuilder("/aggregates?time_range=");
    path.append(time(from), 0, 19).append('_').append(time(to), 0, 19);
    path.append("&action=").append(action);
    wanted.forEach(a -> path.append("&aggregates=").append(a));
    filters.forEach((name, value) -> path.append('&').append(name).append('=').append(value));
    check(path.toString(), headers, body, aggregates, due);
  }

  private static Map<String, String> filters(SplittableRandom random) {
    Map<String, String> filters = new HashMap<>();
    if (random.nextInt(3) == 0) {
      filters.put("origin", "origin-" + random.nextInt(1000));
    }
    if (random.nextInt(3) == 0) {
      filters.put("brand_id", "brand-" + random.nextInt(250));
    }
    if (random.nextInt(3) == 0) {
      filters.put("category_id", "category-" + random.nextInt(67));
    }
    return filters;
  }

  private void check(
      String path, Map<String, String> headers, String body, Latencies latencies, long due)
      throws IOException {
    Answer answer = node.post(path, headers, body);
    latencies.answered(due);
    if (answer.status() != 200) {
      fail("POST %s: %d %s".formatted(path, answer.status(), answer.body()));
    } else if (options.verify() && !answer.body().equals(body)) {
      mismatches.increment();
      if (mismatches.sum() <= 5) {
        out.println(
            "mismatch: POST %s\n  expected %s\n  got      %s".formatted(path, body, answer.body()));
        out.flush();
      }
    }
  }

  private static Map<String, String> after(Mark mark) {
    return mark.next().isEmpty()
        ? JSON
        : Map.of("Content-Type", "application/json", "Tidemark-After", mark.toString());
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String time(long ms) {
    return Instants.format(ms * 1000).substring(0, 23);
  }

  private void report(long started, long end) throws InterruptedException {
    long before = 0;
    Pace pace = new Pace(1.0 / REPORT_SECONDS);
    pace.await();
    while (System.nanoTime() < end) {
      long due = pace.await();
      if (due > end) {
        return;
      }
      long now = tags.count();
      out.println(
          "%4d s  %7.0f tags/s  profiles p99 %6.2f ms  aggregates p99 %6.2f ms  errors %d%s"
              .formatted(
                  (due - started) / 1_000_000_000,
                  (now - before) / (double) REPORT_SECONDS,
                  profiles.ms(99),
                  aggregates.ms(99),
                  errors.sum(),
                  options.verify() ? "  mismatches " + mismatches.sum() : ""));
      out.flush();
      before = now;
    }
  }

  private void summary(double seconds) {
    out.println();
    out.println(Latencies.header());
    out.println(tags.row());
    out.println(profiles.row());
    out.println(aggregates.row());
    out.println("latencies without the first %.1f s".formatted(warmUp.toMillis() / 1000.0));
    out.println("%.0f tags/s over %.1f s".formatted(tags.count() / seconds, seconds));
    out.println("errors: %d".formatted(errors.sum()));
    if (options.verify()) {
      out.println(
          "verified: %d answers, %d mismatches"
              .formatted(profiles.count() + aggregates.count(), mismatches.sum()));
    }
    out.flush();
  }
}
