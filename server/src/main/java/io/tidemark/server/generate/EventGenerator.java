package io.tidemark.server.generate;

import java.util.List;
import java.util.Map;

/// Makes events of one stream: the same ones for the same seed. Not for use by two threads at once.
public interface EventGenerator {
  /// The stream the events are for.
  String stream();

  /// The next event, as JSON without line ends.
  String next();

  /// Calls that show what the node knows, for a person to try: a line of explanation to a command.
  ///
  /// @param base the node's address, as `http://127.0.0.1:8080`
  List<Map.Entry<String, String>> examples(String base);
}
