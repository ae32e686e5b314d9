package io.tidemark.bench;

import picocli.CommandLine.Option;

/// How large and how long measurements are.
final class Sizes {
  @Option(
      names = "--events",
      defaultValue = "5000000",
      description = "Events of the bulk (default: ${DEFAULT-VALUE}).")
  long events;

  @Option(
      names = "--history",
      defaultValue = "10000000",
      description =
          "Events of the history that aggregates are asked of; 86400000 are 24 h (default: ${DEFAULT-VALUE}).")
  long history;

  @Option(
      names = "--yardstick-events",
      defaultValue = "1000000",
      description = "Events of the Kafka Streams topology (default: ${DEFAULT-VALUE}).")
  long yardstickEvents;

  @Option(
      names = "--growth-events",
      defaultValue = "1000000",
      description = "Events of each row of growth (default: ${DEFAULT-VALUE}).")
  long growthEvents;

  @Option(
      names = "--full-cookies",
      defaultValue = "10000",
      description = "Cookies with full lists (default: ${DEFAULT-VALUE}).")
  int fullCookies;

  @Option(
      names = "--cookies",
      defaultValue = "1000000",
      description = "Cookies in all (default: ${DEFAULT-VALUE}).")
  int cookies;

  @Option(
      names = "--warm-up",
      defaultValue = "25",
      description =
          "Seconds for the JVM to compile what is hot; on two cores it takes that long (default: ${DEFAULT-VALUE}).")
  int warmUpSeconds;

  @Option(
      names = "--seconds",
      defaultValue = "30",
      description = "Seconds of each measurement at a rate (default: ${DEFAULT-VALUE}).")
  int seconds;

  @Option(
      names = "--times",
      defaultValue = "100",
      description = "How often the node is killed (default: ${DEFAULT-VALUE}).")
  int times;

  @Option(
      names = "--minutes",
      defaultValue = "60",
      description = "Minutes of the soak (default: ${DEFAULT-VALUE}).")
  int minutes;

  @Option(
      names = "--rate",
      defaultValue = "20000",
      description = "Events a second of the soak (default: ${DEFAULT-VALUE}).")
  int rate;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "What the kills are drawn from (default: ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--warehouse",
      defaultValue = "10000000",
      description = "Events of the warehouse's day (default: ${DEFAULT-VALUE}).")
  long warehouse;

  @Option(
      names = "--sample",
      defaultValue = "5000000",
      description =
          "How many of them PostgreSQL and OpenSearch get, about; 0 leaves them out (default: ${DEFAULT-VALUE}).")
  long sample;

  @Option(
      names = "--asks",
      defaultValue = "300",
      description =
          "Questions of each kind that the warehouse is asked, at most (default: ${DEFAULT-VALUE}).")
  int asks;

  @Option(
      names = "--ask-seconds",
      defaultValue = "60",
      description =
          "Seconds after which no more of a kind are asked, and a third of it before to warm up (default: ${DEFAULT-VALUE}).")
  int askSeconds;

  @Option(
      names = "--seal-seconds",
      defaultValue = "900",
      description =
          "Seconds to wait until all rows are in files: the last ones take ten minutes (default: ${DEFAULT-VALUE}).")
  int sealSeconds;

  @Option(
      names = "--backlog",
      defaultValue = "10000000",
      description =
          "Events that are there to be merged, archived and filled from, beside the bulk (default: ${DEFAULT-VALUE}).")
  long backlog;

  @Option(
      names = "--window",
      defaultValue = "4000000",
      description =
          "Events of each bulk beside which something is done, and a quarter of it before to warm up (default: ${DEFAULT-VALUE}).")
  long window;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "How often each of these bulks is measured (default: ${DEFAULT-VALUE}).")
  int rounds;

  @Option(
      names = "--archive",
      defaultValue = "folder",
      description =
          "Where the archive is, beside the bulk: folder, or s3, a server on the same cores (default: ${DEFAULT-VALUE}).")
  Archive archive = Archive.folder;

  /// Where an archive is.
  enum Archive {
    folder,
    s3
  }
}
