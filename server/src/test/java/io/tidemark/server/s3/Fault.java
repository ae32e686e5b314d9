package io.tidemark.server.s3;

/// What becomes of a request on its way to a server, or of the answer.
sealed interface Fault {
  Fault NONE = new None();

  /// Nothing is wrong.
  record None() implements Fault {}

  /// The connection ends before the server hears anything.
  record Cut() implements Fault {}

  /// Nobody hears anything, and nobody answers.
  record Stall() implements Fault {}

  /// Somebody between answers.
  record Answer(int status, String body) implements Fault {
    static Answer slowDown() {
      return new Answer(503, error("SlowDown"));
    }

    static Answer internalError() {
      return new Answer(500, error("InternalError"));
    }

    static String error(String code) {
      return "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>made up</Message></Error>"
          .formatted(code);
    }

    /// Who asks to log in first, whatever was asked.
    static Answer portal() {
      return new Answer(200, "<html><body>Welcome to our network</body></html>");
    }
  }

  /// The server does what it was asked to, and nobody hears of it.
  record LoseAnswer() implements Fault {}

  /// The connection ends in the middle of the answer's body.
  record CutAnswer(int afterBytes) implements Fault {}

  /// The answer stops in the middle of its body, and its connection stays.
  record StallAnswer(int afterBytes) implements Fault {}

  /// A byte of the answer's body is another one.
  record FlipAnswer(int at) implements Fault {}

  /// A byte of the request's body is another one.
  record FlipRequest(int at) implements Fault {}
}
