package io.tidemark.bench.warehouse;

import io.tidemark.bench.load.DayTags;
import io.tidemark.bench.load.Tags;
import java.util.SplittableRandom;

/// Kinds of questions, each with its parameters.
public enum Kind {
  MINUTES_OF_TEN("minute aggregates with filters, 10 minutes") {
    @Override
    Question random(SplittableRandom random, DayTags day) {
      return minutes(random, START + random.nextInt(DAY - 10), 10);
    }
  },
  MINUTES_OF_DAY("minute aggregates with filters, the day") {
    @Override
    Question random(SplittableRandom random, DayTags day) {
      return minutes(random, START, DAY);
    }
  },
  ID("look-up of an id") {
    @Override
    Question random(SplittableRandom random, DayTags day) {
      // One in four is nowhere.
      boolean there = random.nextInt(4) > 0;
      return new Question.LookUp("tag_id", there ? day.someId(random) : day.noId(random));
    }
  },
  COOKIE("look-up of a rare cookie") {
    @Override
    Question random(SplittableRandom random, DayTags day) {
      return new Question.LookUp("cookie", DayTags.someCookie(random));
    }
  },
  QUANTILES("quantiles per 15 minutes, the day") {
    @Override
    Question random(SplittableRandom random, DayTags day) {
      int device = random.nextInt(DEVICES.length + 1);
      return new Question.Quantiles(
          START, DAY, action(random), device == DEVICES.length ? "" : DEVICES[device]);
    }
  };

  private static final long START = Tags.START_MS / 60_000;
  private static final int DAY = (int) (DayTags.DAY_MS / 60_000);
  private static final String[] DEVICES = {"PC", "MOBILE", "TV"};

  private final String title;

  Kind(String title) {
    this.title = title;
  }

  /// What people call it.
  public String title() {
    return title;
  }

  abstract Question random(SplittableRandom random, DayTags day);

  private static Question minutes(SplittableRandom random, long minute, int minutes) {
    String action = action(random);
    return switch (random.nextInt(4)) {
      case 0 ->
          new Question.Minutes(
              minute, minutes, action, "origin", "origin-" + random.nextInt(1_000));
      case 1 ->
          new Question.Minutes(minute, minutes, action, "brand_id", "brand-" + random.nextInt(250));
      case 2 ->
          new Question.Minutes(
              minute, minutes, action, "category_id", "category-" + random.nextInt(67));
      default -> new Question.Minutes(minute, minutes, action, "", "");
    };
  }

  private static String action(SplittableRandom random) {
    return random.nextInt(2) == 0 ? "VIEW" : "BUY";
  }
}
