package io.tidemark.server.http;

import io.helidon.webserver.http.HttpRules;

/// A part of the API; adds its endpoints.
@FunctionalInterface
public interface Routes {
  void addTo(HttpRules rules);
}
