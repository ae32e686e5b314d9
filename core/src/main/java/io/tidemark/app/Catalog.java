package io.tidemark.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All streams and views of the apps that a node runs, by name.
public final class Catalog {
  private final List<App> apps;
  private final Map<String, StreamSpec> streams = new LinkedHashMap<>();
  private final Map<String, ViewSpec> views = new LinkedHashMap<>();

  public Catalog(List<App> apps) {
    this.apps = List.copyOf(apps);
    for (App app : apps) {
      app.streams().forEach(s -> addOnce(streams, s.name(), s));
      app.views().forEach(v -> addOnce(views, v.name(), v));
    }
  }

  private static <T> void addOnce(Map<String, T> map, String name, T value) {
    if (map.put(name, value) != null) {
      throw new IllegalArgumentException("declared by two apps: " + name);
    }
  }

  public List<App> apps() {
    return apps;
  }

  public List<StreamSpec> streams() {
    return new ArrayList<>(streams.values());
  }

  public List<ViewSpec> views() {
    return new ArrayList<>(views.values());
  }

  public List<ViewSpec> viewsOf(StreamSpec stream) {
    return views.values().stream().filter(v -> v.stream().equals(stream.name())).toList();
  }

  public Optional<StreamSpec> stream(String name) {
    return Optional.ofNullable(streams.get(name));
  }

  public Optional<ViewSpec> view(String name) {
    return Optional.ofNullable(views.get(name));
  }

  /// The stream of a declared view.
  public StreamSpec streamOf(ViewSpec view) {
    return stream(view.stream()).orElseThrow();
  }
}
