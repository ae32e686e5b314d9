package io.tidemark.shard;

import io.tidemark.app.StreamSpec.IdSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.shard.Manifest.ViewState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Finds a shard's last good manifest, fits it to the declaration, and removes what nobody names.
///
/// What any manifest on disk names stays, also of views that are not declared any more: until the
/// next checkpoint that manifest is where a shard begins, and until the one after it where a shard
/// begins whose newest manifest is damaged.
final class Recovery {
  /// What was found.
  ///
  /// @param durable the newest good manifest as it is on disk
  /// @param manifest the same, fitted to the declaration: where to go on from
  /// @param notes what an operator should know, each a sentence
  record Result(Manifest durable, Manifest manifest, List<String> notes) {}

  private Recovery() {}

  static Result recover(ShardSpec spec, ShardStorage storage) throws IOException {
    List<String> notes = new ArrayList<>();
    List<Manifest> good = good(spec, storage, notes);
    Manifest durable = good.getFirst();
    Manifest fitted = fit(spec, durable, notes);
    // A damaged one that is newer stays until the next checkpoint replaces it: it tells that the
    // log may have been trimmed.
    for (long number : storage.manifests()) {
      if (number < durable.number() && good.stream().noneMatch(m -> m.number() == number)) {
        storage.deleteManifest(number);
      }
    }
    good.add(fitted);
    Set<String> segments =
        good.stream().flatMap(Manifest::segmentNames).collect(Collectors.toSet());
    for (String name : storage.segments().names()) {
      if (!segments.contains(name)) {
        storage.segments().delete(name);
      }
    }
    List<String> sorted = new ArrayList<>();
    good.forEach(m -> m.views().forEach(v -> sorted.add(v.sortedName())));
    spec.stream().id().ifPresent(id -> sorted.add(idsName(id)));
    storage.retainSorted(sorted);
    return new Result(durable, fitted, notes);
  }

  /// The sorted store of ids: those of another field are other ids.
  static String idsName(IdSpec id) {
    return "_ids-" + id.field();
  }

  /// The manifests whose files are all there, newest first; an empty one where there is none yet.
  private static List<Manifest> good(ShardSpec spec, ShardStorage storage, List<String> notes)
      throws IOException {
    List<Long> numbers = storage.manifests();
    Set<String> there = new HashSet<>(storage.segments().names());
    List<Manifest> good = new ArrayList<>();
    for (long number : numbers.reversed()) {
      try {
        Manifest manifest = ManifestCodec.decode(storage.readManifest(number));
        Optional<String> missing =
            manifest.segmentNames().filter(n -> !there.contains(n)).findFirst();
        if (missing.isPresent()) {
          throw new ManifestCodec.Corrupt("segment " + missing.get() + " is missing");
        }
        good.add(manifest);
      } catch (ManifestCodec.Corrupt e) {
        notes.add(
            "%s: checkpoint %d is corrupt (%s); falling back to the one before it, or to the log"
                .formatted(spec.id(), number, e.getMessage()));
      }
    }
    if (good.isEmpty()) {
      // The log is whole as long as there has been no more than one checkpoint.
      if (!numbers.isEmpty() && !numbers.equals(List.of(1L))) {
        throw new IncompatibleStateException(
            String.join("; ", notes)
                + "; none is left, and the log need not reach back to the beginning: restore a"
                + " backup of the data folder, or remove it to begin with what the log still has");
      }
      good.add(Manifest.empty(spec.stream().type().toString()));
    }
    return good;
  }

  /// Takes over the views that are still declared as they were; a new one, or one that has changed,
  /// starts at the beginning of the log, and the position with it.
  private static Manifest fit(ShardSpec spec, Manifest found, List<String> notes)
      throws IncompatibleStateException {
    String type = spec.stream().type().toString();
    if (!found.type().equals(type)) {
      throw new IncompatibleStateException(
          "the data of stream %s was written with another schema (%s) than the declared one (%s);"
                  .formatted(spec.stream().name(), found.type(), type)
              + " restore the schema, declare the new one as a stream of another name, or start"
              + " with another data folder and topic");
    }
    List<ViewState> views = new ArrayList<>();
    views.add(existing(found, Manifest.TABLE, tableDefinition(spec)));
    for (ViewSpec view : spec.views()) {
      views.add(existing(found, view.name(), view.definition()));
    }
    boolean filling = views.stream().anyMatch(v -> v.next() < found.next());
    if (!filling) {
      return new Manifest(
          found.number(),
          type,
          found.next(),
          found.streamTime(),
          found.counts(),
          views,
          found.log());
    }
    views.stream()
        .filter(v -> v.next() < found.next())
        .forEach(v -> notes.add("%s: filling view %s from the log".formatted(spec.id(), v.name())));
    return new Manifest(
        found.number(), type, 0, Long.MIN_VALUE, Counts.ZERO, views, List.of(new LogPoint(0, 0)));
  }

  /// The table's rows depend on nothing but the stream's shape, which has been compared.
  static String tableDefinition(ShardSpec spec) {
    return "table retain=" + spec.stream().retain().isPresent();
  }

  private static ViewState existing(Manifest found, String name, String definition) {
    return found.views().stream()
        .filter(v -> v.name().equals(name))
        .filter(v -> name.equals(Manifest.TABLE) || v.definition().equals(definition))
        .findFirst()
        .orElse(ViewState.empty(name, definition, found.number() + 1));
  }
}
