package io.tidemark.bench.warehouse;

import io.tidemark.bench.load.DayTags;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/// What one engine has said to questions of all kinds.
public record Survey(Map<Kind, Interview> interviews) {
  public Survey {
    interviews = Map.copyOf(interviews);
  }

  public static Survey hold(Engine engine, DayTags day, Interview.Effort effort)
      throws InterruptedException {
    Map<Kind, Interview> interviews = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      interviews.put(kind, Interview.hold(engine, kind, day, effort));
    }
    return new Survey(interviews);
  }

  public Interview of(Kind kind) {
    return Objects.requireNonNull(interviews.get(kind));
  }
}
