package io.tidemark.ingest;

import io.tidemark.log.Mark;
import java.util.List;

/// What came of the events of one request.
///
/// @param items how many events there were
/// @param accepted how many of them are in the log
/// @param refused the others, in the order of the request
/// @param mark stands for the accepted ones
/// @param wasArray whether a JSON body was an array, so that an answer can mirror it
/// @param broken why the body as a whole could not be read, in which case nothing was accepted; or
///   null
public record Batch(
    int items,
    int accepted,
    List<Item> refused,
    Mark mark,
    boolean wasArray,
    @org.jspecify.annotations.Nullable Refusal broken) {
  /// A refused event.
  ///
  /// @param index its place in the request, from 0
  public record Item(int index, Refusal refusal) {}

  public Batch {
    refused = List.copyOf(refused);
  }
}
