package io.tidemark.app;

import java.util.List;
import java.util.stream.Collectors;

/// Declarations cannot be used: every mistake in them, in the order of the files.
public final class DeclarationException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  public DeclarationException(List<Problem> problems) {
    super(problems.stream().sorted().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = problems.stream().sorted().toList();
  }

  public List<Problem> problems() {
    return problems;
  }
}
