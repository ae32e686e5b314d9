package io.tidemark.server.yaml;

import io.tidemark.app.DeclarationException;
import io.tidemark.app.Problem;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// The mistakes found so far, in all files of one reading. The same mistake at the same place (two
/// streams may share a schema, two aliases an anchor) is kept once.
final class Problems {
  /// Nobody mends more before looking again.
  static final int MAX = 1000;

  private final Set<Problem> found = new LinkedHashSet<>();
  private int reported;

  void add(String file, int line, int column, String message) {
    reported++;
    if (found.size() < MAX) {
      found.add(new Problem(file, line, column, message));
    } else if (found.size() == MAX) {
      found.add(
          new Problem(file, line, column, "more than " + MAX + " mistakes; this is the last"));
    }
  }

  void add(Mark mark, String message) {
    add(mark.getName(), mark.getLine() + 1, mark.getColumn() + 1, message);
  }

  void add(Node node, String message) {
    add(mark(node), message);
  }

  /// Points into a scalar.
  ///
  /// @param offset where in the scalar's value, in chars; the whole scalar is pointed at where its
  ///   text is not on one line as it is
  void add(ScalarNode node, int offset, String message) {
    Mark start = mark(node);
    int quote = node.getScalarStyle() == ScalarStyle.PLAIN ? 0 : 1;
    int length = node.getValue().codePointCount(0, node.getValue().length());
    boolean verbatim =
        node.getEndMark()
            .filter(end -> end.getLine() == start.getLine())
            .filter(end -> end.getColumn() - start.getColumn() == length + 2 * quote)
            .isPresent();
    int skip = verbatim ? quote + node.getValue().codePointCount(0, offset) : 0;
    add(start.getName(), start.getLine() + 1, start.getColumn() + 1 + skip, message);
  }

  void addAll(List<Problem> problems) {
    problems.forEach(p -> add(p.file(), p.line(), p.column(), p.message()));
  }

  /// How many mistakes were reported, repeated ones counted: it tells whether there was one between
  /// two moments.
  int reported() {
    return reported;
  }

  void throwIfAny() throws DeclarationException {
    if (!found.isEmpty()) {
      throw new DeclarationException(List.copyOf(found));
    }
  }

  /// Where the node starts. Nodes are composed with marks, always.
  static Mark mark(Node node) {
    return node.getStartMark().orElseThrow();
  }
}
