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
}
