package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A node in a process of its own, on a port of its own. May be stopped, killed and started again
/// on the same data folder; killed on closing.
final class NodeUnderTest implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(60);
  private static final Duration FILLED = Duration.ofSeconds(120);
  private static final Duration STOPPED = Duration.ofSeconds(30);
  private static final String READY_LINE = "ready at ";

  private final List<String> arguments = new ArrayList<>();
  private final Map<String, String> environment;
  private Command command;
  private String address = "";

  private NodeUnderTest(String http, Path data, List<Path> apps, String... options) {
    this(Map.of(), http, data, apps, options);
  }

  private NodeUnderTest(
      Map<String, String> environment, String http, Path data, List<Path> apps, String... options) {
    this.environment = environment;
    arguments.add("run");
    apps.forEach(app -> arguments.add(app.toString()));
    arguments.addAll(List.of("--http", http, "--data", data.toString()));
    arguments.addAll(List.of(options));
    this.command = launch();
  }

  private Command launch() {
    return Command.tidemark(environment, arguments.toArray(String[]::new));
  }

  /// Starts a node on any free port; it need not be ready when this returns.
  static NodeUnderTest launch(Path data, List<Path> apps, String... options) {
    return new NodeUnderTest("127.0.0.1:0", data, apps, options);
  }

  /// The same in another environment.
  static NodeUnderTest launch(
      Map<String, String> environment, Path data, List<Path> apps, String... options) {
    return new NodeUnderTest(environment, "127.0.0.1:0", data, apps, options);
  }

  /// The same on a port that it keeps, so that it can be asked before it is ready, and by clients
  /// that do not care how often it has been started.
  static NodeUnderTest launchAt(String address, Path data, List<Path> apps, String... options) {
    NodeUnderTest node = new NodeUnderTest(address, data, apps, options);
    node.address = "http://" + address;
    return node;
  }

  /// Starts a node and waits until it is ready.
  static NodeUnderTest start(Path data, List<Path> apps, String... options) {
    NodeUnderTest node = launch(data, apps, options);
    try {
      node.awaitReady();
      return node;
    } catch (AssertionError e) {
      node.close();
      throw e;
    }
  }

  /// Starts a node with the allezon app and waits until it is ready.
  static NodeUnderTest allezon(Path data, String... options) {
    return start(data, List.of(Checkout.ALLEZON), options);
  }

  NodeUnderTest awaitReady() {
    address = command.awaitLine(READY_LINE, READY).substring(READY_LINE.length());
    return this;
  }

  /// Waits until every view has what its stream had before the view was declared.
  NodeUnderTest awaitFilled() {
    Poll.until(
        "no view is being filled",
        FILLED,
        () ->
            http()
                .get("/v1/streams")
                .expect(200)
                .json()
                .get("streams")
                .valueStream()
                .flatMap(stream -> stream.get("views").valueStream())
                .allMatch(view -> view.get("filling").isNull()));
    return this;
  }

  /// Where it serves, as `http://127.0.0.1:8080`.
  String address() {
    assertThat(address).as("address").isNotEmpty();
    return address;
  }

  Http http() {
    return new Http(address());
  }

  /// What it has logged since it was last started.
  String log() {
    return command.err();
  }

  Command command() {
    return command;
  }

  /// `kill -9`.
  void kill() {
    command.kill();
  }

  /// `kill`; returns the exit code.
  int stop() {
    command.process().destroy();
    return command.exitCode(STOPPED);
  }

  /// Starts it again as it was, once it has ended.
  NodeUnderTest relaunch() {
    assertThat(command.process().isAlive()).as("alive").isFalse();
    command.close();
    command = launch();
    return this;
  }

  /// Ends it in an orderly way, so that everything is in checkpoints, and starts it again.
  NodeUnderTest restart() {
    int code = stop();
    assertThat(code).as(() -> command.toString()).isIn(0, 143);
    return relaunch().awaitReady();
  }

  @Override
  public void close() {
    command.close();
  }
}
