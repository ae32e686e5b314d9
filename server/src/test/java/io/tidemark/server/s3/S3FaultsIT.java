package io.tidemark.server.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.archive.ArchiveAddress.Bucket;
import io.tidemark.archive.ArchiveException;
import io.tidemark.archive.ArchiveRefusedException;
import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.ObjectDiffersException;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectMissingException;
import io.tidemark.archive.ObjectStore;
import io.tidemark.archive.Retry;
import io.tidemark.archive.RetryingStore;
import io.tidemark.archive.VirtualPauses;
import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.s3.S3Client;

/// A real server at the end of a way on which everything goes wrong.
class S3FaultsIT {
  private static final int PART_BYTES = S3ObjectStoreIT.PART_BYTES;
  private static final ObjectKey KEY = new ObjectKey("hour=05/3.parquet");
  private static final byte[] SMALL = noise(30_000, 1);
  private static final byte[] LARGE = noise(2 * PART_BYTES + 1000, 2);
  private static final AtomicInteger TESTS = new AtomicInteger();

  /// A stall costs a test this much, three times.
  private static final S3Timeouts SHORT =
      new S3Timeouts(
          Duration.ofSeconds(2),
          Duration.ofMillis(200),
          Duration.ofSeconds(1),
          Duration.ofSeconds(10));

  private static final S3Timeouts LONG =
      new S3Timeouts(
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(40));

  @TempDir private static Path folder;
  private static S3Process server;

  private final Bucket bucket = new Bucket("archive", "faults-" + TESTS.incrementAndGet());
  @TempDir private Path local;
  private FaultyWay way;
  private final List<ObjectStore> opened = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    server = S3Process.start(folder.resolve("buckets"));
    server.makeBucket("archive");
  }

  @AfterAll
  static void stop() throws InterruptedException {
    server.close();
  }

  @BeforeEach
  void open() throws IOException {
    way = new FaultyWay(server.endpoint());
  }

  @AfterEach
  void close() throws IOException {
    way.close();
    for (ObjectStore store : opened) {
      store.close();
    }
  }

  private static byte[] noise(int length, long seed) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }

  private static FileSum sum(byte[] content) {
    return Sums.of(content).fileSum();
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(Files.createTempFile(local, "file", ".bin"), content);
  }

  /// The archive over the faulty way, without retries of ours.
  private ObjectStore faulty(S3Timeouts timeouts) {
    return opened(S3Process.client(way.address(), timeouts, S3Process.SECRET_KEY));
  }

  private ObjectStore faulty() {
    return faulty(LONG);
  }

  private ObjectStore opened(S3Client client) {
    ObjectStore store = new S3ObjectStore(client, bucket, PART_BYTES, 100);
    opened.add(store);
    return store;
  }

  /// The same archive, straight.
  private ObjectStore straight() {
    return opened(server.client());
  }

  private static ObjectStore retrying(ObjectStore store, long seed) {
    return new RetryingStore(
        store,
        new Retry(
            new Retry.Limits(20, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMinutes(1)),
            new VirtualPauses(),
            new SplittableRandom(seed)));
  }

  private static Function<FaultyWay.Request, Fault> always(Fault fault) {
    return _ -> fault;
  }

  static List<Fault> faultsOfEveryRequest() {
    return List.of(
        new Fault.Cut(),
        new Fault.Stall(),
        Fault.Answer.slowDown(),
        Fault.Answer.internalError(),
        new Fault.Answer(500, "gibberish"),
        new Fault.Answer(502, ""),
        Fault.Answer.portal(),
        new Fault.Answer(200, ""),
        new Fault.CutAnswer(0));
  }

  /// Whatever goes wrong always is an exception that says it is worth trying again, and changes and
  /// pretends nothing.
  @ParameterizedTest
  @MethodSource("faultsOfEveryRequest")
  void nothingWrongIsTakenForGood(Fault fault) throws IOException {
    byte[] old = {1, 2, 3};
    straight().put(KEY, file(SMALL), sum(SMALL));
    straight().putBytes(new ObjectKey("index"), old);
    way.faults(always(fault));
    ObjectStore store = faulty(SHORT);
    Path fetched = local.resolve("fetched");
    List<Call> calls =
        List.of(
            () -> store.put(new ObjectKey("new"), file(SMALL), sum(SMALL)),
            () -> store.get(KEY, fetched, sum(SMALL)),
            () -> store.getBytes(new ObjectKey("index")),
            () -> store.stat(KEY),
            () -> store.tidy(0),
            () ->
                store.list(
                    "",
                    "",
                    o -> {
                      throw new AssertionError("visited " + o);
                    }),
            () -> store.delete(KEY));
    for (Call call : calls) {
      if (fault instanceof Fault.CutAnswer && List.of(0, 3, 6).contains(calls.indexOf(call))) {
        // Their answers have no bodies.
        continue;
      }
      assertThatThrownBy(call::call)
          .isInstanceOf(ArchiveUnavailableException.class)
          .hasMessageContaining("s3://archive/faults");
    }
    assertThat(fetched).doesNotExist();
    assertThat(straight().getBytes(new ObjectKey("index"))).isEqualTo(old);
  }

  private interface Call {
    void call() throws IOException;
  }

  @Test
  void bytesThatChangeOnTheirWayAreNoticed() throws IOException {
    straight().put(KEY, file(SMALL), sum(SMALL));
    straight().putBytes(new ObjectKey("index"), SMALL);
    ObjectStore store = faulty();
    Path fetched = local.resolve("fetched");
    way.faults(r -> r.is("GET", "") ? new Fault.FlipAnswer(20_000) : Fault.NONE);
    assertThatThrownBy(() -> store.get(KEY, fetched, sum(SMALL)))
        .isInstanceOf(ArchiveUnavailableException.class)
        .hasMessageContaining("checksum");
    assertThatThrownBy(() -> store.getBytes(new ObjectKey("index")))
        .isInstanceOf(ArchiveUnavailableException.class);
    way.faults(r -> r.is("GET", "") ? new Fault.CutAnswer(20_000) : Fault.NONE);
    assertThatThrownBy(() -> store.get(KEY, fetched, sum(SMALL)))
        .isInstanceOf(ArchiveUnavailableException.class);
    assertThatThrownBy(() -> store.getBytes(new ObjectKey("index")))
        .isInstanceOf(ArchiveUnavailableException.class);
    assertThat(fetched).doesNotExist();
    assertThat(local).isDirectoryNotContaining("glob:**.tmp");

    way.faults(r -> r.is("PUT", "") ? new Fault.FlipRequest(7) : Fault.NONE);
    for (byte[] content : List.of(SMALL, LARGE)) {
      assertThatThrownBy(() -> store.put(new ObjectKey("new"), file(content), sum(content)))
          .isInstanceOf(ArchiveException.class);
    }
    assertThat(straight().stat(new ObjectKey("new"))).isEmpty();
  }

  @Test
  void anAnswerThatStopsIsNotWaitedForLong() throws IOException {
    straight().put(KEY, file(SMALL), sum(SMALL));
    ObjectStore store = faulty(SHORT);
    way.faults(r -> r.is("GET", "") ? new Fault.StallAnswer(20_000) : Fault.NONE);
    long start = System.nanoTime();
    assertThatThrownBy(() -> store.get(KEY, local.resolve("fetched"), sum(SMALL)))
        .isInstanceOf(ArchiveUnavailableException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    assertThat(local.resolve("fetched")).doesNotExist();
  }

  @Test
  void anUploadThatBrokeOffGoesOnWithThePartsThatAreThere() throws IOException {
    way.faults(r -> r.is("PUT", "partNumber=3") ? Fault.Answer.internalError() : Fault.NONE);
    assertThatThrownBy(() -> faulty().put(KEY, file(LARGE), sum(LARGE)))
        .isInstanceOf(ArchiveUnavailableException.class)
        .hasMessageContaining("part 3 of 3");
    assertThat(straight().stat(KEY)).isEmpty();
    way.faults(always(Fault.NONE));
    way.taken();
    assertThat(faulty().put(KEY, file(LARGE), sum(LARGE))).isTrue();
    assertThat(partsSent()).containsExactly("partNumber=3");
    straight().get(KEY, local.resolve("fetched"), sum(LARGE));
    assertThat(local.resolve("fetched")).hasBinaryContent(LARGE);
    assertThat(straight().tidy(Long.MAX_VALUE)).isZero();
  }

  private List<String> partsSent() {
    return way.taken().stream()
        .filter(r -> r.is("PUT", "partNumber="))
        .map(r -> r.target().replaceAll(".*(partNumber=\\d+).*", "$1"))
        .toList();
  }

  @Test
  void anUploadOfSomethingElseIsGivenUp() throws IOException {
    byte[] other = LARGE.clone();
    other[10] ^= 1;
    for (byte[] content : List.of(other, noise(4 * PART_BYTES, 3))) {
      way.faults(r -> r.is("POST", "uploadId=") ? Fault.Answer.internalError() : Fault.NONE);
      assertThatThrownBy(() -> faulty().put(KEY, file(content), sum(content)))
          .isInstanceOf(ArchiveUnavailableException.class);
    }
    way.faults(always(Fault.NONE));
    way.taken();
    assertThat(faulty().put(KEY, file(LARGE), sum(LARGE))).isTrue();
    assertThat(partsSent()).hasSize(3);
    assertThat(straight().stat(KEY).orElseThrow().crc32c()).hasValue(sum(LARGE).crc32c());
    assertThat(straight().tidy(Long.MAX_VALUE)).isZero();
  }

  @Test
  void uploadsThatNobodyGoesOnWithAreGivenUpWhenTheyAreOld() throws IOException {
    way.faults(r -> r.is("PUT", "partNumber=2") ? new Fault.Cut() : Fault.NONE);
    for (String key : List.of("a", "b", "c/d")) {
      assertThatThrownBy(() -> faulty().put(new ObjectKey(key), file(LARGE), sum(LARGE)))
          .isInstanceOf(ArchiveUnavailableException.class);
    }
    assertThat(straight().tidy(System.currentTimeMillis() - Duration.ofDays(1).toMillis()))
        .isZero();
    assertThat(straight().tidy(System.currentTimeMillis() + Duration.ofDays(1).toMillis()))
        .isEqualTo(3);
    assertThat(straight().tidy(Long.MAX_VALUE)).isZero();
  }

  @Test
  void whatWasDoneThoughNobodySaidSoIsDone() throws IOException {
    AtomicInteger lost = new AtomicInteger();
    way.faults(
        r ->
            !r.is("HEAD", "") && lost.getAndIncrement() % 2 == 0
                ? new Fault.LoseAnswer()
                : Fault.NONE);
    ObjectStore store = retrying(faulty(), 1);
    store.put(KEY, file(SMALL), sum(SMALL));
    store.put(new ObjectKey("large"), file(LARGE), sum(LARGE));
    store.putBytes(new ObjectKey("index"), SMALL);
    store.delete(new ObjectKey("index"));
    assertThat(lost).hasValueGreaterThan(6);
    assertThat(straight().stat(KEY).orElseThrow().crc32c()).hasValue(sum(SMALL).crc32c());
    straight().get(new ObjectKey("large"), local.resolve("fetched"), sum(LARGE));
    assertThat(straight().stat(new ObjectKey("index"))).isEmpty();
  }

  /// Everything at once, against a model.
  @Test
  void onABadWayEverythingStillArrives() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    List<Fault> some =
        List.of(
            new Fault.Cut(),
            Fault.Answer.internalError(),
            Fault.Answer.portal(),
            new Fault.LoseAnswer(),
            new Fault.CutAnswer(100),
            new Fault.FlipAnswer(50),
            new Fault.FlipRequest(50));
    way.faults(
        r -> {
          synchronized (random) {
            // What flips in a text may make another text; only content has a checksum of its own.
            Fault fault =
                random.nextInt(4) == 0 ? some.get(random.nextInt(some.size())) : Fault.NONE;
            boolean content = r.target().contains("/n") && !r.target().contains("?");
            return fault instanceof Fault.FlipAnswer && !content ? Fault.NONE : fault;
          }
        });
    ObjectStore store = retrying(faulty(), seed);
    Map<ObjectKey, byte[]> model = new TreeMap<>();
    try {
      for (int n = 0; n < 40; n++) {
        ObjectKey key = new ObjectKey("n" + (n % 15));
        byte[] content = noise(n == 20 ? LARGE.length : n * 100, n);
        if (model.containsKey(key) && n % 2 == 0) {
          store.delete(key);
          model.remove(key);
        } else if (!model.containsKey(key)) {
          store.put(key, file(content), sum(content));
          model.put(key, content);
        } else {
          Path fetched = local.resolve("fetched");
          store.get(key, fetched, sum(model.get(key)));
          assertThat(fetched).hasBinaryContent(model.get(key));
        }
      }
      List<ObjectKey> listed = new ArrayList<>();
      store.list("", "", o -> listed.add(o.key()));
      assertThat(listed).containsExactlyElementsOf(model.keySet());
      for (Map.Entry<ObjectKey, byte[]> object : model.entrySet()) {
        straight().get(object.getKey(), local.resolve("f"), sum(object.getValue()));
      }
    } catch (IOException | AssertionError e) {
      throw new AssertionError("run it again with -Dseed=" + seed, e);
    }
  }

  @Test
  void whatSomebodyHasToDoIsSaid() throws IOException {
    ObjectStore stranger = opened(S3Process.client(server.endpoint(), LONG, "wrong"));
    assertThatThrownBy(() -> stranger.put(KEY, file(SMALL), sum(SMALL)))
        .isInstanceOf(ArchiveRefusedException.class)
        .hasMessageContaining("credentials");
    assertThatThrownBy(() -> stranger.list("", "", _ -> true))
        .isInstanceOf(ArchiveRefusedException.class)
        .hasMessageContaining("credentials are wrong");
    ObjectStore nowhere =
        new S3ObjectStore(server.client(), new Bucket("nowhere", ""), PART_BYTES, 100);
    opened.add(nowhere);
    for (Call call :
        List.<Call>of(
            () -> nowhere.put(KEY, file(SMALL), sum(SMALL)),
            () -> nowhere.stat(KEY),
            () -> nowhere.getBytes(KEY),
            () -> nowhere.list("", "", _ -> true))) {
      assertThatThrownBy(call::call)
          .isInstanceOf(ArchiveRefusedException.class)
          .hasMessageContaining("s3://nowhere")
          .hasMessageContaining("make the bucket");
    }
    way.faults(always(new Fault.Answer(403, Fault.Answer.error("AccessDenied"))));
    assertThatThrownBy(() -> faulty().putBytes(KEY, SMALL))
        .isInstanceOf(ArchiveRefusedException.class)
        .hasMessageContaining("s3:GetObject");
    way.close();
    assertThatThrownBy(() -> retrying(faulty(), 1).getBytes(KEY))
        .isInstanceOf(ArchiveUnavailableException.class)
        .hasMessageContaining("tried 20 times");
  }

  @Test
  void worksWithServersThatKnowNeitherConditionsNorChecksums() throws IOException {
    way.faults(
        r ->
            r.has("if-none-match")
                    || r.has("x-amz-checksum-crc32c")
                    || r.has("x-amz-checksum-algorithm")
                ? new Fault.Answer(501, Fault.Answer.error("NotImplemented"))
                : Fault.NONE);
    ObjectStore store = faulty();
    for (byte[] content : List.of(SMALL, LARGE)) {
      ObjectKey key = new ObjectKey("k" + content.length);
      assertThat(store.put(key, file(content), sum(content))).isTrue();
      assertThat(store.put(key, file(content), sum(content))).isFalse();
      byte[] other = content.clone();
      other[5] ^= 1;
      assertThatThrownBy(() -> store.put(key, file(other), sum(other)))
          .isInstanceOf(ObjectDiffersException.class);
      store.get(key, local.resolve("fetched"), sum(content));
    }
    way.faults(
        r ->
            r.has("if-none-match")
                ? new Fault.Answer(501, Fault.Answer.error("NotImplemented"))
                : r.is("PUT", "partNumber=2") ? new Fault.Cut() : Fault.NONE);
    assertThatThrownBy(() -> store.put(KEY, file(LARGE), sum(LARGE)))
        .isInstanceOf(ArchiveUnavailableException.class);
    way.faults(always(Fault.NONE));
    way.taken();
    assertThat(store.put(KEY, file(LARGE), sum(LARGE))).isTrue();
    assertThat(partsSent()).containsExactly("partNumber=2", "partNumber=3");
  }

  @Test
  void manyMayPutTheSameLongFileAtOnce() throws Exception {
    ObjectStore store = retrying(straight(), 1);
    Path file = file(LARGE);
    List<Callable<Boolean>> puts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      puts.add(() -> store.put(KEY, file, sum(LARGE)));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(puts.size())) {
      for (Future<Boolean> put : threads.invokeAll(puts)) {
        put.get();
      }
    }
    store.get(KEY, local.resolve("fetched"), sum(LARGE));
    assertThat(local.resolve("fetched")).hasBinaryContent(LARGE);
  }

  @Test
  void objectsOfOthersAreKnownByTheirContent() throws IOException {
    try (S3Client client = server.client()) {
      for (String key : List.of(bucket.prefix() + "/theirs", bucket.prefix() + "/with space")) {
        client.putObject(
            b -> b.bucket(bucket.name()).key(key),
            software.amazon.awssdk.core.sync.RequestBody.fromBytes(SMALL));
      }
    }
    ObjectKey theirs = new ObjectKey("theirs");
    ObjectStore store = straight();
    assertThat(store.put(theirs, file(SMALL), sum(SMALL))).isFalse();
    byte[] other = SMALL.clone();
    other[5] ^= 1;
    assertThatThrownBy(() -> store.put(theirs, file(other), sum(other)))
        .isInstanceOf(ObjectDiffersException.class);
    assertThat(store.getBytes(theirs)).isEqualTo(SMALL);
    List<ObjectKey> listed = new ArrayList<>();
    store.list("", "", o -> listed.add(o.key()));
    assertThat(listed).containsExactly(theirs);
    assertThatThrownBy(() -> store.getBytes(new ObjectKey("with")))
        .isInstanceOf(ObjectMissingException.class);
  }
}
