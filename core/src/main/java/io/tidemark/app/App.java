package io.tidemark.app;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A folder's worth of declarations.
///
/// @param name what people call it
/// @param folder where it was read from
/// @param streams in the order of the declaration
/// @param views in the order of the declaration; each on one of the streams
/// @param contracts names of HTTP contracts of the app's own
public record App(
    String name,
    Path folder,
    List<StreamSpec> streams,
    List<ViewSpec> views,
    List<String> contracts) {
  public App {
    streams = List.copyOf(streams);
    views = List.copyOf(views);
    contracts = List.copyOf(contracts);
    Set<String> names = new HashSet<>();
    for (StreamSpec stream : streams) {
      if (!names.add(stream.name())) {
        throw new IllegalArgumentException("stream twice: " + stream.name());
      }
    }
    Set<String> viewNames = new HashSet<>();
    for (ViewSpec view : views) {
      if (!names.contains(view.stream()) || !viewNames.add(view.name())) {
        throw new IllegalArgumentException("view twice or without its stream: " + view.name());
      }
    }
  }

  public Optional<StreamSpec> stream(String name) {
    return streams.stream().filter(s -> s.name().equals(name)).findFirst();
  }

  public List<ViewSpec> viewsOf(String stream) {
    return views.stream().filter(v -> v.stream().equals(stream)).toList();
  }
}
