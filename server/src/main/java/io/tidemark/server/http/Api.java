package io.tidemark.server.http;

import io.tidemark.app.Catalog;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.query.Queries;
import java.util.List;
import java.util.Map;

/// What routes work with.
///
/// @param gates by name of the stream
public record Api(
    Catalog catalog,
    Queries queries,
    Map<String, StreamGate> gates,
    InFlight inFlight,
    Turns turns,
    ApiMetrics metrics) {
  public Api {
    gates = Map.copyOf(gates);
  }

  /// The stream of this name, or a 404 that says which there are.
  public StreamGate gate(String name) {
    StreamGate gate = gates.get(name);
    if (gate == null) {
      List<String> names = catalog.streams().stream().map(StreamSpec::name).toList();
      throw Problem.notFound("no stream " + name + "; " + Near.hint(name, names));
    }
    return gate;
  }

  /// The view of this name and kind, or a 404 that says which there are.
  public <T extends ViewSpec> T view(String name, Class<T> kind, String kindName) {
    List<T> all = catalog.views().stream().filter(kind::isInstance).map(kind::cast).toList();
    return all.stream()
        .filter(v -> v.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Problem.notFound(
                    "no "
                        + kindName
                        + " "
                        + name
                        + "; "
                        + Near.hint(name, all.stream().map(ViewSpec::name).toList())));
  }

  /// The way into and out of a view's stream.
  public StreamGate gateOf(ViewSpec view) {
    return gate(view.stream());
  }
}
