package io.tidemark.server.http;

import java.util.List;

/// A part of the API.
@FunctionalInterface
public interface Routes {
  List<Endpoint> endpoints();
}
