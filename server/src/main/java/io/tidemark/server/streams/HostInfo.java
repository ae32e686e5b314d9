package io.tidemark.server.streams;

/// Where a node serves HTTP, as the other nodes know it.
public record HostInfo(String host, int port) {
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
