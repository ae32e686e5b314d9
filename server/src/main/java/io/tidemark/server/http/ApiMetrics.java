package io.tidemark.server.http;

/// What the API tells whoever keeps metrics. Called on request threads; must be fast.
public interface ApiMetrics {
  /// A request has been answered.
  ///
  /// @param route the route's pattern, not the request's path
  void answered(String method, String route, int status, long nanos);

  /// Events of a request are in the log.
  ///
  /// @param bytes of the request's body
  void accepted(String stream, int events, long bytes);

  /// An event was refused.
  void refused(String stream, String reason);

  /// A connection was cut off, since its client took too long.
  ///
  /// @param at what for: `head`, `body`, `read_answer` or `next_request`
  void cut(String at);
}
